from tests import libraries as libraries
