"""Code that fetches the data set, found by what it does, not by what its file is called."""

import ast
import re
from collections.abc import Iterator, Sequence

from grader.ground.errors import NotMeasured, SubmissionError
from grader.reading import texts
from grader.reading.deliverables.records import Download, Downloads
from grader.reading.programs import Reader, Source, follow, read
from grader.reading.programs.bindings import argument, called
from grader.submission import Submission

BYTES = 200_000
KEPT = 10

# Functions of these names fetch a data set whatever they belong to.
CALLS = {
    "urlretrieve", "dataset_download", "competition_download", "dataset_download_files",
    "competition_download_files",
    "competition_download_cli", "untar_data", "download_and_extract_archive",
    "download_file_from_google_drive",
    "snapshot_download", "load_zoo_dataset", "simple_image_download", "download_images", "download_dataset",
    "download_file", "download_fileobj", "download_url", "download_url_to_file", "_download_single_image",
}  # fmt: skip
LIBRARIES = ("gdown", "wget", "opendatasets", "openimages", "kagglehub", "icrawler", "bing_image_downloader",
             "googledrivedownloader", "google_drive_downloader", "roboflow", "fiftyone",
             "tensorflow_datasets",
             "datasets", "deeplake")  # fmt: skip
# They download programs, dictionaries and weights, or out of the machine where the program runs.
NO_DATA = ("nltk", "spacy", "streamlit", "google", "huggingface_hub", "selenium", "webdriver_manager")
SHELLS = (
    "os.system",
    "subprocess.run",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
)
ANSWERS = ("requests.get", "httpx.get", "httpx.stream", "urllib.request.urlopen", "urllib2.urlopen")
LOCAL = ("imagefolder", "csv", "json", "text", "parquet", "arrow")  # kinds of files of Hugging Face's reader
VERBS = ("download", "load", "load_dataset", "crawl", "get_file", "urlretrieve", "builder")
COMMAND = re.compile(
    r"\b(?:wget|curl|aria2c|gdown|axel)\s|\bkaggle\s+(?:datasets|competitions|d|c)\s+download|\boi_download|"
    r"\bdvc\s+pull\b|\baws\s+s3\b.{0,60}\b(?:cp|sync)\b|\bgsutil\b.{0,40}\bcp\b|OIDv4|\boidv6\s+downloader|\bmain\.py\s+downloader|\bdownloader\.py"
)
TEXT = re.compile(r"requests\.get\(|urlretrieve\(|urlopen\(|gdown\.|kagglehub\.|wget\.download\(")
# Weights, packages, programs and one's own servers are no data set.
NOT_DATA = re.compile(
    r"\.(?:pth?|h5|hdf5|keras|ckpt|safetensors|onnx|caffemodel|whl|deb|sh|py|ipynb)(?:[\"'?\s]|$)|"
    r"localhost|127\.0\.0\.1|"
    r"(?<![a-z])(?:pre-?trained|weights?|checkpoints?|backbones?)(?![a-z])|"
    r"requirements|miniconda|/predict|healthcheck|/health\b|haarcascade",
    re.IGNORECASE,
)
# One picture whose address is written out, without a counter or a list in it.
PICTURE = re.compile(
    r"^[^$%*{\[]*https?://[^\s\"'$%*{\[]+\.(?:jpe?g|png|webp|gif)[\"']?(?:\s[^$%*{\[]*)?$", re.IGNORECASE
)
SEVERAL = 20  # pictures; so many may be a data set
# What is called so may be a network that is fetched, or a data set of cars' models: a person has to look.
MODEL = re.compile(r"(?<![a-z])models?(?![a-z])", re.IGNORECASE)
# An address beside a word of data: `Dataset: https://www.kaggle.com/...`.
BY_HAND = re.compile(
    r"(?:data ?set|images|download).{0,200}https?://|https?://\S{0,100}kaggle\.com/(?:c/|competitions|datasets)",
    re.IGNORECASE,
)
CLUSTER = re.compile(r"\.read\.(?:\w{1,20}\([^()]{0,200}\)\.){0,5}(?:csv|parquet|load|json|table|image)\(")
LIMITS = ("limit", "max_samples", "n_images", "max_num", "limit_per_class", "num_images", "max_images")
CLASSES = (
    "classes",
    "class_labels",
    "class_names",
    "labels",
    "label_types",
    "categories",
    "keyword",
    "keywords",
)


def downloads(submission: Submission) -> Downloads:
    """In modules, notebooks and their shell lines, shell scripts, Makefiles."""
    sources = submission.once(read)
    calls, left_out = follow(sources, lambda reader: (tuple(_called(reader)), tuple(_doubtful(reader))))
    found = [each for part, _ in calls for each in part]
    found += [each for source in sources for each in _commanded(source)]
    found += [each for source in sources if source.tree is None for each in _unparsed(source)]
    found += _scripts(submission)
    found += [each for source in sources for each in _selected(source)]
    unread = (str(lost) for source in sources for lost in source.unread)
    doubts = dict.fromkeys(each for _, part in calls for each in part)
    return Downloads(tuple(dict.fromkeys(found))[:KEPT], (*left_out, *unread, *doubts))


def by_hand(path: str, text: str) -> str:
    """The line of a README that says how to fetch the data by hand; "" where none does."""
    for number, line in enumerate(text.splitlines(), 1):
        told = COMMAND.search(line) or BY_HAND.search(line)
        if told and not NOT_DATA.search(line):
            return f"{path}:{number}"
    return ""


def _called(reader: Reader) -> Iterator[Download]:
    for call in reader.calls():
        if (
            _fetches(reader, call)
            and not _may_be_a_model(reader, call)
            and not NOT_DATA.search(_asked(reader, call))
            and not _is_one_picture(reader, call)
        ):
            yield Download(reader.place(call), ast.unparse(call.func)[:60], *_request(reader, call))


def _doubtful(reader: Reader) -> Iterator[str]:
    """Calls of libraries that download something, nobody knows what."""
    for call in reader.calls():
        name, package = called(call).lower(), reader.dotted(call.func).partition(".")[0]
        asks = "download" in name or reader.value(argument(call, -1, "download")) is True
        asks = asks or (_fetches(reader, call) and _may_be_a_model(reader, call))
        own = reader.local_function(call.func) or reader.local_class(call.func) if asks else None
        if asks and not own and "button" not in name and package not in NO_DATA:
            if not NOT_DATA.search(_asked(reader, call)):
                yield f"{ast.unparse(call.func)[:60]} ({reader.place(call)})"


def _fetches(reader: Reader, call: ast.Call) -> bool:
    name, dotted = called(call), reader.dotted(call.func)
    package = dotted.split(".")[0]
    if name in CALLS and reader.local_function(call.func) is None:
        return package != "huggingface_hub" or "repo_type" in ast.unparse(call)
    if package in LIBRARIES and name in VERBS and not _is_local(reader, call):
        return True
    if dotted in (
        "tensorflow.keras.utils.get_file",
        "keras.utils.get_file",
        "keras.utils.data_utils.get_file",
    ):
        return True
    if name == "load_data" and ".datasets." in dotted:
        return True
    wanted = argument(call, -1, "download")  # of `not exists`, too
    if dotted.startswith("torchvision.datasets") and wanted and reader.value(wanted) is not False:
        return True
    if dotted in ANSWERS or _asks_in_a_session(reader, call):
        return _writes(reader, call)
    if name == "download" and "from roboflow" in reader.source(call).text:
        return True
    command = reader.value(call.args[0]) if call.args and dotted in SHELLS else None
    text = " ".join(map(str, command)) if isinstance(command, tuple) else command
    return isinstance(text, str) and bool(COMMAND.search(text))


def _is_local(reader: Reader, call: ast.Call) -> bool:
    """`load_dataset("imagefolder", data_dir=...)` reads files that are there."""
    first = reader.value(call.args[0]) if call.args else None
    return isinstance(first, str) and (first in LOCAL or first.startswith((".", "/")))


def _may_be_a_model(reader: Reader, call: ast.Call) -> bool:
    """By the words of what is asked for, and of the function around; not where a data set is asked for."""
    if "dataset" in called(call) or ".datasets" in reader.dotted(call.func):
        return False
    function = reader.function(call)
    around = function.name if isinstance(function, ast.FunctionDef) else ""
    given = (ast.unparse(each) for each in (*call.args, *(keyword.value for keyword in call.keywords)))
    return bool(MODEL.search(" ".join((_asked(reader, call), around, *given)).replace("_", " ")))


def _asks_in_a_session(reader: Reader, call: ast.Call) -> bool:
    """`session.get(url)`; a dictionary's `get` has no address."""
    asked = called(call) == "get" and call.args and re.search(r"url|http", ast.unparse(call.args[0]), re.I)
    return bool(asked) and "requests.Session" in reader.source(call).text


def _writes(reader: Reader, call: ast.Call) -> bool:
    """An answer that is written to a file, or unpacked; not the question of a web page."""
    source = reader.source(call)
    return any(
        marker in source.text
        for marker in ('"wb"', "'wb'", "write_bytes", "ZipFile(", ".extractall(", "tarfile")
    )


def _is_one_picture(reader: Reader, call: ast.Call) -> bool:
    """An address of one picture that is written out: something to try the network on."""
    address = (
        reader.value(call.args[0])
        if call.args and isinstance(call.args[0], ast.Constant | ast.Name)
        else None
    )
    return isinstance(address, str) and address.lower().endswith((".jpg", ".jpeg", ".png", ".webp", ".gif"))


def _asked(reader: Reader, call: ast.Call) -> str:
    values = [reader.value(node) for node in (*call.args, *(keyword.value for keyword in call.keywords))]
    return " ".join(value for value in values if isinstance(value, str))


def _request(reader: Reader, call: ast.Call) -> tuple[tuple[str, ...], int]:
    categories = reader.value(argument(call, -1, *CLASSES))
    named = (categories,) if isinstance(categories, str) else categories
    limit = reader.value(argument(call, -1, *LIMITS))
    texts = tuple(each for each in named if isinstance(each, str)) if isinstance(named, tuple) else ()
    return texts[:20], limit if isinstance(limit, int) and not isinstance(limit, bool) else 0


def _commanded(source: Source) -> Iterator[Download]:
    yield from _told([(command.where, command.text) for command in source.commands])


def _told(lines: Sequence[tuple[str, str]]) -> Iterator[Download]:
    """What commands fetch, but for a few single pictures to try the network on."""
    found = [(where, text) for where, text in lines if COMMAND.search(text) and not NOT_DATA.search(text)]
    pictures = {where for where, text in found if PICTURE.search(text)}
    for where, text in found:
        if where not in pictures or len(pictures) >= SEVERAL:
            yield Download(where, text.strip()[:60])


def _selected(source: Source) -> Iterator[Download]:
    """Spark that reads the files of a cluster and writes its own: the images come from there."""
    if "pyspark" in source.text and ".write." in source.text:
        for number, line in enumerate(source.text.splitlines(), 1):
            if CLUSTER.search(line):
                yield Download(source.place(number), "Spark reads a cluster's files and writes a selection")
                return


def _unparsed(source: Source) -> Iterator[Download]:
    """Python of a newer version than this one: read as text, calls that also write a file."""
    if re.search(r"[\"']wb[\"']|ZipFile\(|write_bytes", source.text):
        for number, line in enumerate(source.text.splitlines(), 1):
            match = TEXT.search(line)
            if match and not line.lstrip().startswith("#") and not NOT_DATA.search(line):
                yield Download(f"{source.path}:{number}", match[0].rstrip("("))


def _scripts(submission: Submission) -> Iterator[Download]:
    for path in sorted(submission.sizes):
        if path.endswith((".sh", ".bat", ".ps1", "Makefile")):
            try:
                text = texts.decode(submission.read(path, BYTES))
            except (SubmissionError, NotMeasured):
                continue
            lines = enumerate(text.content.splitlines() if text else (), 1)
            yield from _told(
                [(f"{path}:{number}", line) for number, line in lines if not line.lstrip().startswith("#")]
            )
