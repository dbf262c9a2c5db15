"""Between a running experiment and those who watch it from elsewhere: a notebook's page, another machine."""
