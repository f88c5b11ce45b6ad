"""The HTML report is whole, self-contained, safe and shows only what its reader may see."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from optimizer.plan import UnplannedReason
from server.reports.html_report import html_report
from server.reports.wording import UNPLANNED_REASONS
from tests.server.reports.sample_day import SCRIPT, own_report, report_with_labels, team_report

VOID = {"meta", "input", "br", "link", "img"}


class Outline(HTMLParser):
    """Tags, ids, references and text of a document; notes tags that are not closed in order."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.misnested: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag."""
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself."""
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        """Close a tag."""
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.misnested.append(tag)

    def handle_data(self, data: str) -> None:
        """Keep what people read."""
        if data.strip() and not {"style", "script"} & set(self.open):
            self.text.append(" ".join(data.split()))

    def values(self, attribute: str) -> list[str]:
        """Values of an attribute, in order."""
        return [value for _, name, value in self.attributes if name == attribute]


@pytest.fixture(scope="module")
def document() -> str:
    """The team's report."""
    return html_report(team_report())


@pytest.fixture(scope="module")
def outline(document: str) -> Outline:
    """Its outline."""
    return Outline(document)


def test_the_document_is_well_nested(outline: Outline) -> None:
    """Every tag is closed where it should be, and no id is given twice."""
    assert (outline.open, outline.misnested) == ([], [])
    ids = outline.values("id")
    assert len(ids) == len(set(ids))


def test_nothing_is_asked_for_from_outside(document: str, outline: Outline) -> None:
    """No attribute, style or script leads out of the file, and the policy forbids it."""
    assert {value[0] for value in outline.values("href")} == {"#"}
    assert outline.values("src") == []
    assert not re.search(r"url\(|@import|https?:|//[a-z]+\.[a-z]|fetch\(|XMLHttp|import\(", document)
    assert any("default-src 'none'" in value for value in outline.values("content"))


def test_references_inside_lead_somewhere(outline: Outline) -> None:
    """Every reference, label and description points to an id of the document."""
    ids = {*outline.values("id")}
    references = [value[1:] for value in outline.values("href")]
    references += outline.values("aria-labelledby") + outline.values("for") + outline.values("data-deviation")
    assert set(references) - ids == set()


def test_names_are_text_and_never_markup(document: str) -> None:
    """What stands in names of visits and streets is escaped wherever it is shown."""
    assert SCRIPT not in document
    assert "Kauppa &lt;script&gt;" in document
    assert "Pitkä katu &amp; &lt;b&gt;" in document


@pytest.mark.parametrize(
    "hostile",
    [
        "</script></style></title><script>alert(1)</script>",
        "\"'><img src=x onerror=alert(1)>",
        "{{ 7 * 7 }}{% raw %}",
        "\u202egnp.exe\u2066 \u0645\u0642\u0647\u0649",
        "\U0001f3ea\U0001f469\u200d\U0001f467",
        "x" * 5000,
    ],
    ids=["tags", "attribute", "template", "right to left", "emoji", "long"],
)
def test_a_hostile_label_is_shown_letter_by_letter(document: str, hostile: str) -> None:
    """Whatever a caller writes into any label, the document keeps its outline, and people read what was written."""
    report = report_with_labels(hostile)
    found, usual = html_report(report), Outline(document)
    outline = Outline(found)
    assert (outline.open, outline.misnested) == ([], [])
    assert [(tag, name) for tag, name, _ in outline.attributes] == [(tag, name) for tag, name, _ in usual.attributes]
    assert sum(hostile in text for text in outline.text) >= 6
    assert "49" not in " ".join(outline.text) or "49" in " ".join(usual.text)


def test_names_cannot_turn_the_text_around_them(outline: Outline, document: str) -> None:
    """A name with marks that turn the direction of writing is kept apart from the words beside it."""
    assert "<bdi>Aino</bdi>" in document
    assert not re.search(r">Aino<(?!/bdi)", document.replace("</title>", "</bdi>"))
    assert "bdi" not in outline.misnested


def test_each_finding_is_shown_in_words(outline: Outline) -> None:
    """Verdicts, evidence, mileage, claim, deviation, gap, score and method stand in the text of the report."""
    text = "\n".join(outline.text)
    for words in (
        "Stood 5 min at 8 m.",
        "Passed without standing.",
        "Nobody planned this stop",
        "Driven 0.65 km (95 % interval 0.60 km to 0.70 km) = 400 m on matched roads + 50 m in gaps + 200 m off",
        "Claimed 1.50 km: above the measured interval, by 800 m more than its upper end.",
        "fastest way by road, capped",
        "unexplained",
        "+90 m",
        "left out",
        "10 recorded, 1 not believed (1 spike)",
        "4 points, not looked at",
        "Opens after every shift.",
        "© OpenStreetMap contributors",
    ):
        assert words in text


def test_clocks_are_those_of_the_plan(outline: Outline) -> None:
    """Times are written as the clocks in the plan's time zone show them."""
    assert "09:31-09:36" in outline.text


def test_the_team_has_a_map_with_everyone_in_a_colour_of_its_own(document: str, outline: Outline) -> None:
    """The team's map shows each worker's planned and driven way and visits; legends name workers, lines and marks."""
    team = document[document.index('data-map="team"') : document.index('data-map="day-1"')]
    legend = team[team.index("<figcaption>") :]
    tones = re.findall(r'<i class="key" style="color:(#\w+)"></i><bdi>([^<]+)</bdi></label>', legend)
    assert [name for _, name in tones] == ["Aino", "Väinö"]
    assert len({tone for tone, _ in tones}) == 2
    assert team.count('class="team-planned"') == 2
    assert 'class="team-driven driven-matched"' in team
    assert all(f'href="#{key}"' in team for key in outline.values("id") if re.fullmatch(r"day-\d-visit-\d", key))
    assert "95 % interval of the driven distance" in team
    assert "tracks simulated" in legend
    assert 'data-map="team"' not in html_report(own_report())


def test_a_simulated_track_is_labelled_wherever_it_is_shown(outline: Outline) -> None:
    """The label stands at the top and at the map of every day that has a track."""
    assert "Nobody drove this." in outline.text
    assert outline.text.count("track simulated") == 1
    assert "track simulated" not in Outline(html_report(own_report())).text


def test_a_worker_sees_the_own_day_only() -> None:
    """A worker's report holds no other name and no visit that was nobody's."""
    own = html_report(own_report())
    assert "Aino" in own
    assert "Väinö" not in own
    assert "Opens after every shift." not in own


def test_a_day_that_has_not_begun_shows_the_plan_alone(outline: Outline) -> None:
    """Without a track there is a map and a table of the plan, and no finding."""
    assert "day-2-visits" in outline.values("id")
    assert "day-2-mileage" not in outline.values("id")
    assert "day-1-mileage" in outline.values("id")


def test_the_replay_runs_along_the_way_in_order_of_time(document: str) -> None:
    """The way that is played back has a place for every time, and its times never go back."""
    found = re.search(r'id="playback">(.*?)</script>', document, re.DOTALL)
    assert found
    way = json.loads(found[1])["day-1"]
    assert len(way["seconds"]) == len(way["x"]) == len(way["y"]) > 5
    assert way["seconds"] == sorted(way["seconds"])


def test_every_reason_has_words() -> None:
    """A report can say of any visit why it is not planned."""
    assert set(UNPLANNED_REASONS) == set(UnplannedReason)
