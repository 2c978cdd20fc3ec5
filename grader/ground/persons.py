"""Hides who a person is: university codes and e-mail addresses in whatever is shown, and never before."""

import re

HIDDEN_CODE, HIDDEN_ADDRESS = "******", "***@***"

# A university code is six capital letters and digits. Colours, names of pictures, and numbers such as
# 1.23457E+15 are none.
CODE = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*[0-9])(?!(?<=#)[0-9A-F]{6}|[0-9]+E[+-][0-9])[A-Z0-9]{6}"
    r"(?![A-Za-z0-9])(?!\.(?:jpe?g|png|bmp))"
)
# Words of the field with a number behind them, or a number before a unit, look like codes.
TECHNICAL = re.compile(
    r"(?:VGG|CONV|SHA|UINT|INT|FLOAT|BASE|RGB|BGR|UTF|ISO|LAYER|EPOCH|IMAGE|IMG|DSC|FILE|TRAIN|TEST|VAL|VALID|"
    r"CLASS|PHASE|BLOCK|MODEL|FIG|TABLE|PART|TASK|CELL|RES|YOLO|CIFAR|MNIST|COCO|VOC|BATCH|STEP|FOLD|GPU|CUDA|"
    r"GTX|RTX|TOP|LAB|PYTHON|DENSE|POOL|LSTM|VIT|BERT|GPT|FASTA|PAGE|LINE|ITER|RUN|TPU|CPU|SEED|SIZE)\d[A-Z0-9]*|"
    r"(?:HW|MD|FP|BF|TF|CP|EX|ID)\d+|MD5SUM|(?:BLE|SIM|RUF|PLR|PLW|ANN|ARG|PTH)\d{3}|"
    r"\d+(?:TI|PX|MB|GB|KB|MS|HZ|FPS|EPOCH)|\d+(?:X\d+)+"
)
# Without a digit six letters are an ordinary word, unless the text says that a code follows.
SPOKEN_OF = re.compile(
    r"(?P<before>\b(?:neptun(?:[- _]?(?:code|k[oó]d\w{0,8}|id))?|(?:student|university|hallgat[oó]i)[- _]?"
    r"(?:code|id|k[oó]d\w{0,8}))(?P<link>\W{1,6}|\sis:?\s))(?P<code>[A-Za-z0-9]{6})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
CALLED_CODE = re.compile(
    r"(?P<before>\b(?:[Cc]ode|CODE|[Kk]ód|KÓD)\s?[:=]\s?\W?)(?P<code>[A-Z]{6})(?![A-Za-z0-9])"
)
WORDS = frozenset(
    "README EPOCHS RESNET PYTHON SOURCE IMAGES SCRIPT MODELS NUMBER STATUS SYSTEM SERVER COURSE RETURN "
    "IMPORT SIGINT SIGHUP LAYERS FROZEN GITHUB GITLAB KAGGLE OUTPUT INPUTS LABELS TENSOR STRING".split()
)
ADDRESS = re.compile(
    r"(?<![\w.+-])(?!git@)[\w.+-]{1,64}@(?!\dx\.)(?=[\w-]{1,63}\.[A-Za-z])[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
)


def masked(text: str, keep: str = "") -> str:
    """`text` without university codes and e-mail addresses of persons; `keep` is the student's own code."""

    own = keep.upper()

    def code(match: "re.Match[str]") -> str:
        found = match[0]
        return found if found.upper() == own or TECHNICAL.fullmatch(found) else HIDDEN_CODE

    def spoken(match: "re.Match[str]") -> str:
        found = match["code"]
        ordinary = found in WORDS or TECHNICAL.fullmatch(found) or _is_prose(match)
        return match[0] if found.upper() == own or ordinary else f"{match['before']}{HIDDEN_CODE}"

    text = ADDRESS.sub(HIDDEN_ADDRESS, text)
    return CODE.sub(code, CALLED_CODE.sub(spoken, SPOKEN_OF.sub(spoken, text)))


def _is_prose(match: "re.Match[str]") -> bool:
    """`the Neptun system`: small letters, and no colon or the like before them."""
    link = match.groupdict().get("link", ":")
    return match["code"].isalpha() and not match["code"].isupper() and not set(link) & set(":=|([")
