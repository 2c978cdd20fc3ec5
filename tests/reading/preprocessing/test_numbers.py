"""A mean and a std, however a program writes them down: which are followed, and which nobody can tell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.reading import preprocessing
from grader.reading.preprocessing import Backbone, Judged
from tests.conftest import Make

RESNET = Backbone(
    "torchvision", "resnet18", "IMAGENET1K_V1", "submission.toml", True,
    preprocessing.accepted("torchvision", "resnet18", "IMAGENET1K_V1"),
)  # fmt: skip
START = "from torchvision import transforms as T\nimport numpy as np, torch\n"
VALUES = "mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)"


def ways(submit: Make, files: dict[str, str]) -> tuple[Judged, ...]:
    return preprocessing.find_for(submit(files), RESNET, ()).ways


def composed(normalize: str, before: str = "") -> str:
    return f"{START}{before}\nt = T.Compose([T.ToTensor(), {normalize}])\ndata = Data(t)\nloss.backward()\n"


def verdict(submit: Make, normalize: str, before: str = "", **files: str) -> str:
    own = {f"{name}.py": text for name, text in files.items()}
    (way,) = ways(submit, {"train.py": composed(normalize, before), **own})
    return way.verdict


MEANS = "MEAN = (0.485, 0.456, 0.406)\nSTD = [0.229, 0.224, 0.225]\n"


@pytest.mark.parametrize(
    ("normalize", "before"),
    [
        (f"T.Normalize({VALUES})", ""),
        ("T.Normalize(MEAN, std=STD)", MEANS),
        ("T.Normalize(M, S)", "M, S = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)"),
        ("T.Normalize(*STATS)", "STATS = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))"),
        ("T.Normalize(np.array([123.675, 116.28, 103.53]) / 255, "
         "torch.tensor([58.395, 57.12, 57.375]) / 255)", ""),
        ("T.Normalize((0.485, 116.28 / 255, 103.53 / 255), tuple([0.229, 0.224, 0.225]))", ""),
        ("T.Normalize(IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD)", "from timm.data import *"),
        ("T.Normalize(timm.data.IMAGENET_DEFAULT_MEAN, timm.data.IMAGENET_DEFAULT_STD)", "import timm"),
        ("T.Normalize(CFG['mean'], CFG['std'])",
         "CFG = {'mean': [0.485, 0.456, 0.406], 'std': [0.229, 0.224, 0.225]}"),
        ("T.Normalize(CFG['data']['mean'], CFG.get('std'))",
         "CFG = dict(data={'mean': [0.485, 0.456, 0.406]}, std=[0.229, 0.224, 0.225])"),
        ("T.Normalize(Config.MEAN, Config().std)",
         "class Config:\n    MEAN = [0.485, 0.456, 0.406]\n    std = [0.229, 0.224, 0.225]"),
        ("T.Normalize(config.mean, config.std)",
         "@dataclass\nclass Config:\n    name: str\n    mean: tuple = (0.485, 0.456, 0.406)\n    std: list = "
         "field(default_factory=lambda: [0.229, 0.224, 0.225])\nconfig = Config('a')"),
        ("T.Normalize(config.mean, config.std)",
         "@dataclass\nclass Config:\n    mean: tuple\n    std: tuple = (1, 1, 1)\n"
         "config = Config((0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))"),
        ("T.Normalize(c.mean, c.std)",
         "class C:\n    def __init__(self, mean, std=(0.229, 0.224, 0.225)):\n        self.mean = mean\n"
         "        self.std = std\nc = C((0.485, 0.456, 0.406))"),
        ("T.Normalize(args.mean, args.std)",
         "p = argparse.ArgumentParser()\np.add_argument('--mean', nargs=3, default=[0.485, 0.456, 0.406])\n"
         "p.add_argument('--std', default=(0.229, 0.224, 0.225))\nargs = p.parse_args()"),
        ("make(cfg)", "class Config:\n    mean: tuple = (0.485, 0.456, 0.406)\n"
         "    std: tuple = (0.229, 0.224, 0.225)\n"
         "def make(c: Config):\n    return T.Normalize(c.mean, c.std)\ncfg = load_somehow()"),
        ("T.Normalize(*stats())", "def stats():\n    return (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)"),
        ("T.Normalize(M, S)",
         "def stats():\n    return [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]\nM, S = stats()"),
        ("T.Normalize(preset.mean, preset.std)", "preset = models.get_weight(name).transforms()"),
        ("T.Normalize(mean=cfg['mean'], std=cfg['std'])",
         "cfg = timm.data.resolve_data_config({}, model=net)"),
        ("T.Normalize(mean=processor.image_mean, std=processor.image_std)",
         "processor = AutoImageProcessor.from_pretrained(name)"),
    ],
)  # fmt: skip
def test_values_of_a_normalisation(submit: Make, normalize: str, before: str) -> None:
    assert verdict(submit, normalize, before) == "match"


@pytest.mark.parametrize(
    "normalize",
    ["T.Normalize(0.5, 0.5)", "T.Normalize([0.5], (0.5,))", "T.Normalize([0.5] * 3, 3 * [0.5])",
     "T.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))"],
)  # fmt: skip
def test_one_number_counts_for_all_colours(submit: Make, normalize: str) -> None:
    (way,) = ways(submit, {"train.py": composed(normalize)})
    assert (way.verdict, way.found) == ("mismatch", "values from -1 to 1")


@pytest.mark.parametrize(
    ("before", "normalize"),
    [
        ("from part import MEAN, STD", "T.Normalize(MEAN, STD)"),
        ("import part", "T.Normalize(part.MEAN, part.STD)"),
        ("import part as p", "T.Normalize(p.MEAN, p.STD)"),
        ("from part import *", "T.Normalize(MEAN, STD)"),
        ("from part import MEAN as m, STD as s", "T.Normalize(m, s)"),
        ("from part import normalize", "normalize()"),
        ("import part", "part.normalize()"),
    ],
)
def test_constants_and_functions_of_other_modules(submit: Make, before: str, normalize: str) -> None:
    part = f"{START}{MEANS}def normalize():\n    return T.Normalize(MEAN, STD)\n"
    assert verdict(submit, normalize, before, part=part) == "match"


def test_arguments_are_followed_to_who_calls(submit: Make) -> None:
    """Through a function's parameter, a method's, and a keyword with a default."""
    source = f"""{START}
class Data:
    def build(self, mean, std=(0.229, 0.224, 0.225)):
        return make(mean, std)
def make(mean, std):
    return T.Compose([T.ToTensor(), T.Normalize(mean=mean, std=std)])
train_transform = Data().build((0.485, 0.456, 0.406))
loss.backward()
"""
    assert {way.verdict for way in ways(submit, {"train.py": source})} == {"match"}


YAML = """\
data:
  size: 224  # pixels
  mean: [0.485, 0.456,
         0.406]
  std:
  - 0.229
  - 0.224
  - 0.225
"""


@pytest.mark.parametrize(
    ("name", "content", "load"),
    [
        ("config.yaml", YAML, "with open('config.yaml') as f:\n    cfg = yaml.safe_load(f)"),
        ("conf/base.yml", YAML, "cfg = OmegaConf.load('conf/base.yml')"),
        ("config.yaml", YAML, "def load(path='config.yaml'):\n    with open(path) as f:\n        return "
         "yaml.load(f, Loader=yaml.FullLoader)\ncfg = load()"),
        ("c.json", '{"data": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}}',
         "cfg = json.loads(Path('c.json').read_text())"),
        ("c.toml", "[data]\nmean = [0.485, 0.456, 0.406]\nstd = [0.229, 0.224, 0.225]\n",
         "with open('c.toml', 'rb') as f:\n    cfg = tomllib.load(f)"),
    ],
)  # fmt: skip
def test_configuration_files(submit: Make, name: str, content: str, load: str) -> None:
    imports = "import yaml, json, tomllib\nfrom omegaconf import OmegaConf\nfrom pathlib import Path\n"
    source = composed("T.Normalize(cfg['data']['mean'], cfg['data']['std'])", imports + load)
    (way,) = ways(submit, {"train.py": source, name: content})
    assert way.verdict == "match"
    (way,) = ways(submit, {"train.py": source, name: content.replace("0.485", "0.585")})
    assert way.verdict == "near miss"


@pytest.mark.parametrize(
    ("normalize", "before"),
    [
        ("T.Normalize(mean=other.mean, std=other.std)", ""),
        ("T.Normalize(M, S)", "if cifar:\n    M, S = (0.49, 0.48, 0.44), (0.2, 0.2, 0.2)\nelse:\n    M, S = "
         "(0.485, 0.456, 0.406), (0.229, 0.224, 0.225)"),
        ("T.Normalize(M, (0.229, 0.224, 0.225))",
         "M = (0.485, 0.456, 0.406)\nif cifar:\n    M = (0.49, 0.48, 0.44)"),
        ("T.Normalize(M, M)", "M = (0.5, 0.5, 0.5) if half else (0.4, 0.4, 0.4)"),
        ("T.Normalize(*values)", ""),
        ("T.Normalize(mean=mean_of(images), std=std_of(images))", ""),
        ("T.Normalize(M, M)", "M = M2\nM2 = M"),
        ("T.Normalize(M, M)", "def set(mean):\n    M = mean"),
        ("T.Normalize(1" + "0" * 400 + ", 1e999)", ""),
        ("T.Normalize((0.5, 0.5), (0.5, 0.5))", ""),
        ("T.Normalize(cfg['mean'], cfg['std'])", "cfg = yaml.safe_load(open(sys.argv[1]))"),
    ],
)  # fmt: skip
def test_what_says_no_values(submit: Make, normalize: str, before: str) -> None:
    assert verdict(submit, normalize, before) == "undetermined"


@pytest.mark.parametrize(
    "source",
    [
        "# T.Compose([T.ToTensor(), T.Normalize((0.1, 0.1, 0.1), (0.1, 0.1, 0.1))])",
        "'T.Compose([T.ToTensor(), T.Normalize((0.1, 0.1, 0.1), (0.1, 0.1, 0.1))])'",
        # what undoes a normalisation, to show an image
        "inverse = T.Compose([T.Normalize((0, 0, 0), (1 / 0.229, 1 / 0.224, 1 / 0.225))])\n"
        "plt.imshow(inverse(x))",
        "def denormalize(x):\n    return T.Compose([T.Normalize((-2, -2, -2), (4, 4, 4))])(x)",
        "flips = T.Compose([T.RandomHorizontalFlip(), T.Resize(256)])\nd = Data(flips)",  # no tensor yet
        "torch.nn.init.trunc_normal_(weight, mean=0.0, std=0.01)",
        "noise = numpy.random.normal(loc=0, scale=1); norm = Normal(mean=0.0, std=1.0)",
    ],
)
def test_what_prepares_nothing(submit: Make, source: str) -> None:
    assert ways(submit, {"train.py": f"{START}{source}\nloss.backward()\n"}) == ()


def test_only_the_students_own_python_is_read(submit: Make) -> None:
    wrong = composed("T.Normalize((0.1, 0.1, 0.1), (0.1, 0.1, 0.1))")
    paths = ("tests/test_a.py", ".venv/lib/a.py", "venv/a.py", "finetune/.hidden.py", "notes.txt")
    assert ways(submit, dict.fromkeys(paths, wrong)) == ()


@pytest.mark.parametrize(
    "source",
    ["def (", "(" * 100_000, "-" * 100_000 + "1", "a" + ".b" * 100_000, "x = '\0'", b"\xff\xfe", "1" * 10_000,
     "a" + "[0]" * 60_000, "#" * 300_000],
)  # fmt: skip
def test_hostile_sources_do_no_harm(source: str | bytes, submit: Make) -> None:
    files = {"bad.py": source, "good.py": composed(f"T.Normalize({VALUES})")}
    found = preprocessing.find_for(submit(files), RESNET, ())
    assert [way.verdict for way in found.ways] == ["match"]


def test_a_source_that_doubles_with_each_name_is_too_intricate(submit: Make) -> None:
    levels = [
        f"A{n} = (A{n + 1}, A{n + 1}, A{n + 1}, A{n + 1})\nB{n} = B{n + 1} * B{n + 1}\n"
        f"C{n} = dict(a=C{n + 1}.a, b=C{n + 1}.a)\ndef f{n}(x):\n    return f{n + 1}(f{n + 1}(x.a).b)"
        for n in range(100)
    ]
    uses = ["T.Compose([T.ToTensor(), T.Normalize(A0, B0), T.Normalize(C0.a, f0(C0).b)])"] * 300
    files = {"train.py": "\n".join([START, *levels, *uses, "loss.backward()"])}
    found = preprocessing.find_for(submit(files), RESNET, ())
    assert (found.ways, found.unread) == ((), ("train.py (too intricate to follow)",))


LEAVES = st.sampled_from(["M", "0.5", "255", "x.y", "f(1)", "self.m", "M['a']"])
EXPRESSIONS = st.recursive(LEAVES, lambda inner: st.one_of(
    inner.map(lambda each: f"-({each})"),
    st.tuples(inner, inner).map(lambda two: f"({two[0]}) / ({two[1]})"),
    st.tuples(inner, inner).map(lambda two: f"[{two[0]}] * ({two[1]})"),
    st.tuples(inner, inner).map(lambda two: f"({two[0]} if M else {two[1]})"),
    st.lists(inner, max_size=4).map(lambda each: f"({', '.join(each)},)" if each else "()"),
), max_leaves=12)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(EXPRESSIONS)
def test_no_expression_breaks_the_reader(expression: str) -> None:
    import ast

    from grader.reading.preprocessing.pipelines import numbers
    from grader.reading.programs import Reader, Source
    from grader.reading.programs.grouping import programs

    tree = ast.parse(f"def f(M):\n    return M\nM = {expression}\nNormalize({expression}, M)")
    (program,) = programs([Source("a.py", tree)])
    reader = Reader(program)
    for call in reader.calls():
        for argument in call.args:
            found = numbers.triple(reader, argument)
            assert found is None or len(found) == 3
