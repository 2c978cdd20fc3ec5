"""The contract's files are read strictly, and every refusal names its place."""

from collections.abc import Callable

import pytest

from grader import contract
from grader.ground import persons
from grader.ground.errors import SubmissionError
from grader.running import predict
from grader.submission import Submission
from tests.conftest import CONTRACT, Make

SPLITS = "image_id,label,split,sha256\na1,Dog,train,AA\nb2,Coffee,test,bb\n"


def test_the_declared_contract_with_its_defaults(submit: Make) -> None:
    declared = contract.read(submit({"submission.toml": CONTRACT}))
    assert declared.classes == ("Coffee", "Dog")
    assert declared.model.checkpoint == "model.safetensors"
    assert declared.data.splits == "data/splits.csv"


def test_rows_carry_their_line_and_a_lower_case_hash(submit: Make) -> None:
    rows = contract.splits(submit({"submission.toml": CONTRACT, "data/splits.csv": SPLITS}))
    assert rows == (
        contract.SplitRow("a1", "Dog", "train", "aa", 2),
        contract.SplitRow("b2", "Coffee", "test", "bb", 3),
    )


def test_further_columns_and_other_line_ends_do_no_harm(submit: Make) -> None:
    text = "\ufefflabel,image_id,author,split\r\nDog,a1,Someone,val\r\n"
    rows = contract.splits(submit({"submission.toml": CONTRACT, "data/splits.csv": text}))
    assert rows == (contract.SplitRow("a1", "Dog", "val", "", 2),)


@pytest.mark.parametrize(
    ("files", "read", "sentence"),
    [
        ({}, contract.read, "submission.toml is not in the commit"),
        (
            {"submission.toml": CONTRACT.replace("backbone", "backbon")},
            contract.read,
            "submission.toml: model.backbon is not a known key; did you mean backbone?",
        ),
        ({"submission.toml": CONTRACT}, contract.splits, "data/splits.csv is not in the commit"),
        (
            {"submission.toml": CONTRACT, "data/splits.csv": "id,label\n1,Dog\n"},
            contract.splits,
            "data/splits.csv:1: the columns are id,label, expected image_id,label,split",
        ),
        (
            {
                "submission.toml": CONTRACT,
                "data/splits.csv": "image_id,label,split\n../../etc/passwd,Dog,test\n",
            },
            contract.splits,
            "data/splits.csv:2: image_id is '../../etc/passwd', expected the id alone",
        ),
        (
            {"submission.toml": CONTRACT, "data/splits.csv": "image_id,label,split\na1,Dog,tets\n"},
            contract.splits,
            "data/splits.csv:2: split is 'tets', expected one of train, val, test",
        ),
        (
            {
                "submission.toml": CONTRACT,
                "predictions.csv": "image_id,label,predicted,score\na1,Dog,Dog,nan\n",
            },
            contract.predictions,
            "predictions.csv:2: score is 'nan', expected a number",
        ),
        (
            {"submission.toml": CONTRACT, "results.json": '{"test_accuracy": 97.5, "test_images": 200}'},
            contract.results,
            "results.json: test_accuracy is 97.5, expected a fraction from 0 to 1",
        ),
    ],
)
def test_a_wrong_file_is_one_sentence(
    submit: Make, files: dict[str, str], read: Callable[[Submission], object], sentence: str
) -> None:
    with pytest.raises(SubmissionError) as trouble:
        read(submit(files))
    assert trouble.value.message == sentence


def test_a_log_named_often_is_read_once(submit: Make) -> None:
    paths = ["logs/a.csv", "logs/b.csv", *["logs/a.csv"] * 1000]
    declared = contract.read(submit({"submission.toml": f"{CONTRACT}[log]\npaths = {paths}\n"}))
    assert declared.log.paths == ("logs/a.csv", "logs/b.csv")


def test_a_git_lfs_pointer_is_not_the_file(submit: Make) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
    with pytest.raises(SubmissionError, match="Git LFS pointer") as trouble:
        submit({"model.safetensors": pointer}).read("model.safetensors")
    assert trouble.value.missing


@pytest.mark.parametrize(
    ("written", "named"),
    [
        (("torchvision", "ResNet18", "ResNet18_Weights.IMAGENET1K_V1"), ("resnet18", "IMAGENET1K_V1")),
        (("torchvision", "resnet18", "imagenet1k_v1"), ("resnet18", "IMAGENET1K_V1")),
        (("torchvision", "resnet18", "ResNet18_Weights.DEFAULT"), ("resnet18", "default")),
        (("timm", "resnet50.a1_in1k", "default"), ("resnet50", "a1_in1k")),
        (("timm", "timm/ResNet50.a1_in1k", "a1_in1k"), ("resnet50", "a1_in1k")),
        (("timm", "resnet50", "resnet50.a1_in1k"), ("resnet50", "a1_in1k")),
        (("timm", "resnet50.a1_in1k", "resnet50.a1_in1k"), ("resnet50", "a1_in1k")),
        (("keras", "ResNet50", "imagenet"), ("ResNet50", "imagenet")),
        (("other", "MyNet.v2", "Mine"), ("MyNet.v2", "Mine")),
    ],
)
def test_networks_in_the_spellings_of_their_libraries(
    submit: Make, written: tuple[str, str, str], named: tuple[str, str]
) -> None:
    library, backbone, weights = written
    model = f'[model]\nlibrary = "{library}"\nbackbone = "{backbone}"\nweights = "{weights}"\n'
    declared = contract.read(submit({"submission.toml": CONTRACT.partition("[model]")[0] + model}))
    assert (declared.model.backbone, declared.model.weights) == named


def test_two_names_for_weights_are_not_guessed_between(submit: Make) -> None:
    model = '[model]\nlibrary = "timm"\nbackbone = "resnet50.a1_in1k"\nweights = "tv_in1k"\n'
    with pytest.raises(SubmissionError, match="names the weights 'a1_in1k', weights is 'tv_in1k'"):
        contract.read(submit({"submission.toml": CONTRACT.partition("[model]")[0] + model}))


@pytest.mark.parametrize("written", ["1.23457E+15", "1,23457E+15", "5E+02", "#N/A", "########"])
def test_what_a_spreadsheet_made_of_an_id_is_called_so(submit: Make, written: str) -> None:
    table = f'image_id,label,split\n"{written}",Dog,test\n'
    with pytest.raises(SubmissionError) as mistake:
        contract.splits(submit({"submission.toml": CONTRACT, "data/splits.csv": table}))
    told = f"data/splits.csv:2: image_id is '{written}', which a spreadsheet made of an id"
    assert persons.masked(mistake.value.message) == told


def test_more_of_anything_than_a_person_could_mean_is_not_read(submit: Make) -> None:
    """Columns above all: each of many short lines would be filled up with all of them."""
    wide = ",".join(["image_id", "label", "split", *map(str, range(1_000))]) + "\n" + "a,Dog,test\n" * 9
    labels = "image_id,label,split\n" + "".join(f"i{number},l{number},test\n" for number in range(1_001))
    names = ", ".join(f'"c{number}"' for number in range(1_001))
    for files, sentence in (
        ({"data/splits.csv": wide}, "data/splits.csv:1: 1,003 columns, at most 1,000 are read"),
        ({"data/splits.csv": labels}, "data/splits.csv has more than 1,000 different labels"),
        (
            {"submission.toml": CONTRACT.replace('"Coffee", "Dog"', names)},
            "submission.toml: classes has 1,001 names, at most 1,000 are read",
        ),
    ):
        with pytest.raises(SubmissionError) as trouble:
            contract.splits(submit({"submission.toml": CONTRACT, **files}))
        assert str(trouble.value) == sentence


def test_a_table_that_a_program_wrote_is_not_read_wider() -> None:
    wide = ",".join(["image_id", "predicted", "score", *map(str, range(1_000))]) + "\n"
    with pytest.raises(SubmissionError, match="1,003 columns, at most 1,000 are read"):
        predict.table(wide.encode(), ("Coffee", "Dog"))
