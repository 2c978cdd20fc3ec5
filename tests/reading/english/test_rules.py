"""From lines to a verdict: documents, repeats, languages, allow-lists, exemptions."""

import pytest

from grader.reading import english
from grader.reading.english import wording
from tests.reading.english.repositories import ENGLISH_FILES, inspected, places

HUNGARIAN = [
    "A háló utolsó rétegét kicseréljük a két osztályunkra.",
    "Először csak az új réteget tanítjuk, a többit befagyasztjuk.",
    "A második szakaszban a felső konvolúciós rétegeket is tanítjuk.",
    "A tanító halmaz négyszáz képből áll osztályonként.",
    "A teszthalmazon mért pontosság kilencvenhét százalék lett.",
    "A képeket átméretezzük, majd normalizáljuk az átlaggal és a szórással.",
]
ENGLISH = [
    "The last layer of the network is replaced by one for our two classes.",
    "First we train the new layer only and freeze all others.",
    "In the second phase the upper convolutional layers are trained as well.",
    "The training set holds four hundred images of each class.",
    "The accuracy measured on the test set became ninety-seven percent.",
    "The images are resized and normalised with the mean and the deviation.",
]


def levels(inspection: english.Inspection, settings: english.Settings = english.STANDARD) -> set[str]:
    return {finding.level for finding in english.judge(inspection, settings)}


def test_a_hungarian_report_beside_english_code_fails_on_the_report() -> None:
    inspection = inspected(
        {"report.pdf": b"%PDF"}, pages=["\n".join(HUNGARIAN[:3]), "\n".join(HUNGARIAN[3:])]
    )
    findings = list(english.judge(inspection))
    assert "report.pdf" in {finding.where for finding in findings if finding.level == "error"}
    assert {"report.pdf:p1", "report.pdf:p2"} <= {finding.where for finding in findings}
    assert levels(inspected({"report.pdf": b"%PDF"}, pages=["\n".join(ENGLISH)])) == set()


def test_sentences_of_a_page_are_put_together_again() -> None:
    page = (
        "First we train the new layer only. A második sza-\n"
        "kaszban a felső konvolúciós ré-\ntegeket is tanítjuk. Then\nwe measure."
    )
    inspection = inspected({"report.pdf": b"%PDF"}, pages=["English only.", page])
    assert places(inspection) == ["report.pdf:p2"]
    assert inspection.hits[0].text == "A második szakaszban a felső konvolúciós rétegeket is tanítjuk."


def test_three_sentences_fail_and_two_warn() -> None:
    for number, expected in ((1, {"warning"}), (2, {"warning"}), (3, {"error"})):
        source = "".join(f"# {line}\n" for line in HUNGARIAN[:number])
        assert levels(inspected({"a.py": source})) == expected


def test_the_same_text_counts_once() -> None:
    inspection = inspected({f"a{number}.py": f"# {HUNGARIAN[0]}\n" for number in range(9)})
    assert len(inspection.hits) == 1
    assert inspection.hits[0].repeats == 8
    assert levels(inspection) == {"warning"}


def test_names_of_one_language_fail_together() -> None:
    names = ["tanito_adatok", "kep_betoltes", "veszteseg", "pontossag", "retegek", "eredmeny", "osszeg"]
    few = inspected({"a.py": "".join(f"{name} = 1\n" for name in names[:2])})
    many = inspected({"a.py": "".join(f"{name} = 1\n" for name in names)})
    assert "error" not in levels(few)
    assert "error" in levels(many)


def test_noise_of_many_languages_does_not_fail() -> None:
    words = ["# bonjour", "# danke", "# gracias", "# prosze", "# ciao", "# merhaba", "# multumesc"]
    assert "error" not in levels(inspected({"a.py": "\n".join(words) + "\n"}))


def test_the_ten_worst_come_first_and_the_rest_is_counted() -> None:
    source = "".join(f"# {line} {number * 1234567}\n" for number in range(4) for line in HUNGARIAN)
    findings = list(english.judge(inspected({"a.py": source})))
    shown = [finding for finding in findings if finding.where.startswith("a.py:")]
    assert len(shown) == 10
    assert any("14 further places" in finding.message for finding in findings)
    assert all(
        "«" in finding.message and "Hungarian" in finding.message and finding.hint for finding in shown
    )


@pytest.mark.parametrize(
    "line",
    [
        "Author: Kovács János (AB12CD)",
        "(c) 2020 Nagy Ádám",
        "written by Szabó Eszter, NEPTUN: XYZQWE",
        "| Tóth Bálint | ABC123 | data |",
        "Budapesti Műszaki és Gazdaságtudományi Egyetem",
        "Course: Deep Learning a gyakorlatban Python és LUA alapon (VITMAV45)",
        "see http://smartlab.tmit.bme.hu/oktatas-deep-learning",
        '[3] Tóth B., "Mély tanulás alapú beszédszintézis", Beszédtudomány, 2018.',
        'J. Kovács et al., "Képfelismerés neurális hálókkal," BME TDK, 2019 (in Hungarian).',
        "BME VIK TMIT",
        "EPOCHS",
        "LABELS",
    ],
)
def test_names_places_and_cited_works_are_no_offence(line: str) -> None:
    assert places(inspected({"notes.md": f"# Notes\n\n{line}\n"})) == []


def test_words_that_look_like_codes_are_judged() -> None:
    assert places(inspected({"a.py": "# HIBASE MERESE\n"}))
    assert not places(inspected({"a.py": "EPOCHS = 10\n"}))


def test_authors_of_commits_are_names() -> None:
    line = "The measurements were taken by Herbolyné Trautsch on the cluster"
    assert places(inspected({"notes.md": line}, people=["Herbolyné Trautsch"])) == []
    lower = "a herbolyné és a többi mérés kiértékelése"
    assert places(inspected({"notes.md": lower}, people=["Herbolyné Trautsch"])) == ["notes.md:1"]


def test_words_and_phrases_of_the_assignment_are_not_judged() -> None:
    files: dict[str, str | bytes] = {"notes.md": "gulyas halászlé\n\nA két osztály neve\n"}
    settings = english.Settings(
        allow=english.Allow(words=("Gulyás", "halaszle"), phrases=("a ket osztaly neve",))
    )
    assert len(places(inspected(files))) == 2
    assert places(inspected(files, settings=settings)) == []


def test_a_request_of_the_submission_is_shown_and_not_counted() -> None:
    files: dict[str, str | bytes] = {
        "a.py": "# gulyás halászlé pörkölt\n",
        "english.toml": 'words = ["gulyás", "halászlé", "pörkölt"]\n',
    }
    inspection = inspected(files)
    assert [hit.excused for hit in inspection.hits] == ["a word of english.toml"]
    assert [finding.level for finding in english.judge(inspection)] == ["warning"]


def test_a_marker_in_the_line_is_a_request() -> None:
    source = "".join(f"# {line}  english: ignore[hu] cited\n" for line in HUNGARIAN[:4])
    inspection = inspected({"a.py": source})
    assert {hit.excused for hit in inspection.hits} == {"cited"}
    assert levels(inspection) == {"warning"}


def test_requests_that_grow_are_an_error() -> None:
    report = "\n\n".join(HUNGARIAN)
    files: dict[str, str | bytes] = {
        "notes.md": report,
        "english.toml": '[[exempt]]\npaths = ["*.md"]\nreason = "mine"\n',
    }
    assert "error" in levels(inspected(files))


def test_an_exemption_of_the_assignment_holds_up_to_its_cap() -> None:
    files: dict[str, str | bytes] = {"data/laws.txt": "\n".join(HUNGARIAN)}
    for cap, expected in ((10, {"note"}), (2, {"note", "error"})):
        exemption = english.Exemption(paths=("data/**",), reason="Hungarian laws are the data", max_units=cap)
        settings = english.Settings(allow=english.Allow(exempt=(exemption,)))
        found = levels(inspected(files, settings=settings), settings)
        assert found == expected if cap == 10 else "error" in found


def test_a_mistake_in_the_list_is_told() -> None:
    inspection = inspected({"english.toml": "wrods = []\n"})
    (finding,) = english.judge(inspection)
    assert finding.where == "english.toml"
    assert "wrods" in finding.message and "words" in finding.message


def test_files_of_others_are_left_out_and_listed() -> None:
    foreign = "\n".join(f"# {line}" for line in HUNGARIAN)
    files: dict[str, str | bytes] = {
        "third_party/a.py": foreign, "node_modules/x/b.js": foreign, "LICENSE.md": foreign,
        "generated.py": f"# @generated by protoc, DO NOT EDIT\n{foreign}", "big.txt": "a word " * 200_000,
    }  # fmt: skip
    inspection = inspected(files)
    assert set(inspection.left_out) == set(files)
    assert places(inspection) == []
    assert levels(inspection) == {"note"}


def test_the_evidence_is_plain_data() -> None:
    import msgspec

    inspection = inspected({"a.py": f"# {HUNGARIAN[0]}\n", "english.toml": 'words = ["x"]\n'})
    again = msgspec.json.decode(msgspec.json.encode(inspection), type=english.Inspection)
    assert again == inspection
    assert list(english.judge(again)) == list(english.judge(inspection))


def test_the_english_repository_passes() -> None:
    inspection = inspected({})
    assert list(english.judge(inspection)) == []
    assert inspection.documents == {"README.md": inspection.documents["README.md"]}
    assert sum(inspection.units.values()) > len(ENGLISH_FILES)


def named_in(files: dict[str, str | bytes], **more: list[str]) -> str:
    return " | ".join(each.message for each in english.judge(inspected(files, **more)))


INDONESIAN = [
    "Salah satu penerapannya adalah klasifikasi gambar wajah manusia.",
    "Tidak mencakup klasifikasi usia atau ekspresi wajah.",
    "Secara keseluruhan, hasilnya menunjukkan performa yang baik.",
    "Data dibagi menjadi dua bagian untuk pelatihan dan pengujian.",
]
FRENCH = [
    "On récupère aussi les images du jeu de validation.",
    "Afficher les erreurs de prédiction les plus fréquentes.",
    "On reste dans le même dossier que les photos.",
    "Ceci est le chemin vers les données sauvegardées.",
]


@pytest.mark.parametrize(
    ("lines", "told"),
    [(HUNGARIAN, "Hungarian"), (FRENCH, "French"), (INDONESIAN, "another language")],
)
def test_a_language_is_named_where_most_of_its_words_are_known(lines: list[str], told: str) -> None:
    messages = named_in({"a.py": "".join(f"# {line}\n" for line in lines)})
    assert f"{told}, of" in messages
    assert {name for name in wording.LANGUAGE_NAMES.values() if name in messages} == {told} - {
        "another language"
    }


def test_a_script_is_named_and_not_a_language_that_shares_it() -> None:
    kana = "# 学習率を下げてから、もう一度訓練する\n# 画像を分類する関数です\n# 画像を読み込みます\n"
    messages = named_in({"a.py": kana, "b.py": "# 手書数字認識用画像分類実験\n"})
    assert "Japanese in" in messages and "Chinese characters in" in messages


def test_what_a_host_ignores_and_ids_of_data_sets_are_no_offence() -> None:
    files = {".gitignore": "# Marimo\n# Abstra\n", "a.py": 'ID = "omkargurav/face-mask-dataset"\n'}
    assert not inspected(files).hits
