"""Ablation studies: what each feature of the data and each part of a model is good for."""

from maggy.ablation.ablator import LOCO, AbstractAblator
from maggy.ablation.data import from_dataframe
from maggy.ablation.study import AblationStudy

__all__ = ["LOCO", "AblationStudy", "AbstractAblator", "from_dataframe"]
