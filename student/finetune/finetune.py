"""Lets the Run button of an editor work: `python finetune/train.py` instead of `python -m finetune.train`.

Python then looks for packages beside the program, and takes this file for the package `finetune`. It puts the
right folder in front, and the package in its own place. Nothing else ever loads this file.
"""

import importlib
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:] = [str(HERE.parent), *(path for path in sys.path if Path(path).resolve() != HERE)]
if not Path("submission.toml").exists():
    os.chdir(HERE.parent)  # where submission.toml lies, as with make
del sys.modules[__name__]
importlib.import_module("finetune.parts.first_words").say()
