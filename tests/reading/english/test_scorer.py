"""One line, one name: what is English, what is not, in which language, by which words."""

import pytest

from grader.reading import english
from grader.reading.english import features, lexicon, scorer
from grader.reading.english.words import clean, plain, split

FOREIGN = {
    "hu": ["a tanító képek betöltése", "a tanito kepek betoltese", "nem mukodik a kiertekeles"],
    "de": ["hier wird das Netz eingefroren", "die Gewichte werden geladen"],
    "ro": ["încărcăm imaginile de antrenare", "aici se salveaza rezultatele"],
    "sk": ["nacitanie obrazkov z priecinka", "tu sa ukladajú výsledky trénovania"],
    "sr": ["ovde se ucitavaju slike iz foldera"],
    "es": ["aquí se cargan las imágenes"],
    "fr": ["chargement des images depuis le dossier"],
    "it": ["qui vengono caricate le immagini"],
    "pl": ["tutaj wczytujemy obrazy z folderu"],
    "tr": ["burada resimler yükleniyor"],
    "ru": ["загрузка изображений"],
    "zh": ["加载图像"],
}  # fmt: skip
ENGLISH = [
    "load imgs, resize -> 224x224", "init wts", "calc acc on tst set", "freeze all but fc", "relu",
    "SGD + momentum", "plt.xticks(fontsize=12)",
    "self.conv1 = nn.Conv2d(3, 32, kernel_size=3, padding=1)", "3x3 conv, 64", "noqa: E501",
    "see https://www.bme.hu/kepzes/targyak", "{class_name:<12} {prob:>6.2f}% {bar}",
    "-*- coding: utf-8 -*-", "LaTeX", "NaN", "Kovács János", "Author: Kovács Péter", "EPOCHS = 10",
    r"\usepackage[utf8x]{inputenc}", "[a-zA-Z_]+", "", "  ", "1e-4",
]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text"), [(code, text) for code, texts in FOREIGN.items() for text in texts]
)
def test_other_languages_are_told(language: str, text: str) -> None:
    found = english.score(text)
    assert found.foreign > 0.9
    assert found.language == language
    assert found.words


@pytest.mark.parametrize("text", ENGLISH)
def test_english_and_code_is_no_other_language(text: str) -> None:
    assert english.score(text).foreign < 0.5


@pytest.mark.parametrize(
    "name", ["tanito_adatok", "kepBetoltes", "OSZTALYOK_SZAMA", "lade_bild", "ucitavanje_slika", "_veszteseg"]
)
def test_names_of_other_languages_are_told(name: str) -> None:
    assert english.score(name, "identifier").foreign > 0.5


@pytest.mark.parametrize(
    "name", "x_tr y_hat bn1 ckpt num_wrks stddev kwargs argmax van hun din itos itemgetter tarfile lr".split()
)
def test_names_of_programmers_are_english(name: str) -> None:
    assert english.score(name, "identifier").foreign < 0.5


def test_the_same_line_has_the_same_score() -> None:
    first = scorer.Scorer(lexicon.Lexicon(), scorer.read_model(lexicon.FOLDER))
    second = scorer.Scorer(lexicon.Lexicon(), scorer.read_model(lexicon.FOLDER))
    for text in [*ENGLISH, *(text for texts in FOREIGN.values() for text in texts)]:
        assert first.score(text, "text") == second.score(text, "text")


def test_the_data_fits_the_code_and_is_small() -> None:
    model = scorer.read_model(lexicon.FOLDER)
    assert tuple(model.word.weights) == features.WORD_FEATURES
    assert tuple(model.text.weights) == tuple(model.identifier.weights) == features.LINE_FEATURES
    assert sum(file.stat().st_size for file in lexicon.FOLDER.iterdir()) < 4_000_000


def test_an_entry_is_packed_without_loss() -> None:
    entry = lexicon.Entry(
        english=15, foreign=3, jargon=2, name=True, languages=(1 << len(lexicon.LANGUAGES)) - 1
    )
    assert lexicon.unpack(lexicon.pack(entry)) == entry


def test_words() -> None:
    assert [word.lower for word in split(clean("kepBetoltes KEP_BETOLTES HTTPServer x1 don't"))] == [
        "kep", "betoltes", "kep", "betoltes", "http", "server", "don",
    ]  # fmt: skip
    assert plain("árvíztűrő tükörfúrógép, łódź") == "arvizturo tukorfurogep, lodz"
    assert clean("\u00a8uber m\u00a8ussen \ufb01ne") == "über müssen fine"
