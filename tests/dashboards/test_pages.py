"""Pages say what docs/verdicts.md, section 6, lists, in its order; every state has words. Releases are invented (sample.py)."""

from functools import partial

import pytest

from dashboards import wording
from dashboards.pages import PAGES, open_pages
from evaluation.figures.plotting import as_figure
from tests.dashboards.reading import all_of, page, text, texts
from tests.dashboards.sample import before_follow_up, hostile_names, release, sample

ADDRESSES = [("/", ""), ("/", "?show=table"), ("/m/lived_values", ""), ("/m/patient_respect", "?unit=R05&rows=all"), ("/protocol", "")]


@pytest.mark.parametrize("changes", [(), (before_follow_up,), (hostile_names,)], ids=["full", "empty", "hostile"])
@pytest.mark.parametrize(("path", "search"), ADDRESSES)
def test_every_page_has_one_first_heading_landmarks_and_banners(path: str, search: str, changes: tuple) -> None:
    made = page(release(*changes), path, search)
    assert len(all_of(made, "H1")) == 1
    assert [len(all_of(made, kind)) for kind in ("Header", "Main", "Footer")] == [1, 1, 1]
    assert "Preview, not approved." in text(made)
    assert "These organisations do not exist" in text(made)


def test_the_summary_keeps_the_boards_order() -> None:
    said = text(page(release()))
    parts = [
        "For decision: extend the pilots", "The plan says: extend the pilots", "Improved more than comparison", "see values lived more",
        "8 pilot", "14,120 staff at the start", "How sure", "Was it enough", "Which route", "What would change our mind",
        "Everything the plan said", "Since the last meeting", "What this cannot tell you", "Plan not yet frozen", "evaluation@example.org",
    ]
    places = [said.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


def test_navigation_lists_the_pages_that_registered() -> None:
    open_pages()
    header = all_of(page(release()), "Nav")[0]
    assert texts(header, "A") == [each.name for each in PAGES] == ["Summary", "Measures", "Protocol"]


@pytest.mark.parametrize(("path", "search"), ADDRESSES)
def test_every_chart_has_a_short_headline_an_alternative_its_numbers_and_its_source(path: str, search: str) -> None:
    for figure in all_of(page(release(), path, search), "Figure"):
        headline = all_of(figure, "Figcaption")[0].children[0]
        assert 1 <= len(headline.split()) <= 12, headline
        canvas = next(each for each in all_of(figure, "Div") if getattr(each, "role", None) == "img")
        assert len(canvas.to_plotly_json()["props"]["aria-label"]) > 30
        assert all_of(figure, "Table")
        assert "Result R-0042" in text(figure)


@pytest.mark.parametrize(("path", "search"), ADDRESSES)
def test_every_drawing_sent_is_one_that_plotly_accepts(path: str, search: str) -> None:
    sent = [store.data for store in all_of(page(release(), path, search), "Store") if getattr(store, "data", None)]
    drawings = [drawing for one in sent for drawing in (one["print"], *one["light"].values(), *one["dark"].values())]
    assert all(as_figure(drawing).data for drawing in drawings)
    assert bool(drawings) == (path != "/protocol")


def test_every_table_names_its_columns_and_rows() -> None:
    for path, search in ADDRESSES:
        for table in all_of(page(release(), path, search), "Table"):
            assert text(all_of(table, "Caption"))
            assert {head.scope for head in all_of(table, "Th")} == {"col", "row"}


def test_hidden_numbers_say_so_and_are_never_blank_or_zero() -> None:
    said = text(page(release(), "/m/patient_respect", "?rows=all"))
    assert "[c] hidden to protect people (fewer than 11)" in said
    assert "[c] hidden so that another hidden number cannot be worked out" in said


def test_an_organisation_picked_out_is_told_in_words_as_hover_tells_it() -> None:
    said = texts(page(release(), "/m/lived_values", "?unit=R03"), "P")
    assert any(each.startswith("Dunmere Care Trust: Start 6.") and "answers" in each and "Change +" in each for each in said)


def test_a_wave_that_is_only_watched_shows_its_estimate_without_a_verdict() -> None:
    said = text(page(release(), "/m/lived_values", "?wave=month_6"))
    assert "A watched wave: no verdict yet. At 6 months the difference so far was 0.3" in said


def test_each_route_can_be_looked_at_by_itself() -> None:
    said = text(page(release(), "/m/lived_values", "?compare=come_alive - comparison"))
    assert "Pilots: Make existing values come alive." in said
    assert "4 pilot" in said
    assert wording.UNKNOWN_CHOICE not in said


@pytest.mark.parametrize("search", ["?wave=month_99", "?unit=%3Cscript%3E", "?colour=red", "?wave=a&wave=b", "?compare=x", "?rows=some", "?a=1" * 30])
def test_an_unknown_choice_gives_the_usual_view_and_is_not_repeated(search: str) -> None:
    said = text(page(release(), "/m/lived_values", search))
    assert wording.UNKNOWN_CHOICE in said
    assert "7 of 8 pilot organisations rose" in said
    assert not any(echo in said for echo in ("month_99", "<script>", "colour", "?"[:0] + "some "))


def test_before_any_follow_up_the_page_says_what_is_in_and_what_is_due() -> None:
    said = text(page(release(before_follow_up)))
    assert "No follow-up yet. Answers so far: Start. 6 months was due by 14 November 2025." in said
    assert "8 pilot and 24 comparison organisations · 14,400 staff at the start · main measure" in said
    assert said.count("Not yet evaluable") == 1
    assert "calculated" not in said
    assert "[x] not available" in said
    assert "0" not in texts(page(release(before_follow_up), "/", "?show=table"), "Td")
    assert "Not yet evaluable" in said
    assert "The smallest difference this plan can see is about 0.4 points." in said
    assert "Pilots began at" in said


@pytest.mark.parametrize(("made", "said"), [
    ("2025-05-01T09:00:00Z", "Next: 6 months, open 6 October 2025 to 14 November 2025."),
    ("2025-10-20T09:00:00Z", "Next: 6 months, open since 6 October 2025, until 14 November 2025."),
])
def test_a_wave_is_told_by_the_day_of_the_result(made: str, said: str) -> None:
    def on_the_day(each: dict) -> None:
        each["made"] = made

    assert said in text(page(release(before_follow_up, on_the_day)))


def test_a_wave_whose_answers_were_deleted_is_not_told_as_still_to_come() -> None:
    def deleted(made: dict) -> None:
        before_follow_up(made)
        for wave in made["waves"]:
            wave.update(loaded=False, retired=True)
        made["cells"] = []

    summary = text(page(release(deleted)))
    assert "No follow-up yet" not in summary and "Before the deciding wave" not in summary
    told = text(page(release(deleted), "/protocol"))
    assert told.count("Deleted at the end of their time") == 3
    assert "Not yet in" not in told


def test_a_study_that_is_only_watched_so_far_shows_its_estimate_on_the_summary() -> None:
    def watched(made: dict) -> None:
        so_far = [each["so_far"] for each in made["findings"]]
        before = [cell for cell in made["cells"] if cell["wave"] != "month_12"]
        before_follow_up(made)
        made["waves"][1]["loaded"] = True
        made["cells"] = before
        for each, kept in zip(made["findings"], so_far, strict=True):
            each["so_far"] = kept

    made = page(release(watched))
    heads = [all_of(figure, "Figcaption")[0].children[0] for figure in all_of(made, "Figure")]
    assert heads[0].startswith("Pilots rose 0.")
    assert heads[-1] == "No verdict yet; estimates so far stand with each measure"


def test_another_wave_than_the_verdicts_dates_the_verdict() -> None:
    assert "At 12 months:" in texts(page(release(), "/m/lived_values", "?wave=month_6"), "P")
    assert "At 12 months:" not in texts(page(release(), "/m/lived_values"), "P")


def test_a_verdict_on_the_same_people_says_that_the_charts_show_everybody() -> None:
    def same_people(made: dict) -> None:
        made["findings"][0]["design"] = "ancova"

    assert text(page(release(same_people), "/m/lived_values")).count("This shows everybody who answered.") == 2
    assert "everybody" not in text(page(release(), "/m/lived_values"))


def test_no_release_says_what_and_whom_to_tell() -> None:
    said = text(page(None, trouble="No result has been prepared yet."))
    assert "There is no result to show" in said
    assert "Please tell the person who runs this site" in said


def test_an_older_release_says_that_it_is_not_the_newest_and_whom_to_tell() -> None:
    said = text(page(release(), trouble="The newest result cannot be read. This page shows the last one that could."))
    assert "Not the newest. The newest result cannot be read." in said
    assert "Please tell evaluation@example.org." in said


@pytest.mark.parametrize("path", ["/m/unknown", "/nothing", "/m/", "/m/lived_values/more", "/protocol/x"])
def test_an_unknown_page_is_told_plainly(path: str) -> None:
    made = page(release(), path)
    assert texts(made, "H1") == ["There is no such page"]
    assert path not in text(made)


def test_a_contact_that_is_no_mail_address_is_not_a_link() -> None:
    footer = all_of(page(release(hostile_names)), "Footer")[0]
    assert "javascript:window.hurt=1" in text(footer)
    assert not all_of(footer, "A")


def test_links_and_forms_stay_on_the_site() -> None:
    for path, search in ADDRESSES:
        made = page(release(hostile_names), path, search)
        assert all(link.href.startswith(("/", "mailto:evaluation@")) for link in all_of(made, "A"))
        assert all(form.action.startswith("/m/") for form in all_of(made, "Form"))


def test_the_questions_of_a_measure_say_which_of_them_a_high_answer_lowers() -> None:
    def turned(made: dict) -> None:
        made["measures"][0]["items"][1]["reverse"] = True

    asked = text(page(release(turned), f"/m/{sample()['measures'][0]['id']}"))
    assert asked.count("(a high answer lowers the score)") == 1
    assert "somebody says so. (a high answer lowers the score)" in asked


def test_a_route_without_an_interval_says_so_in_words() -> None:
    def bare(made: dict) -> None:
        for finding in made["findings"]:
            finding["conf_low"] = finding["conf_high"] = None

    assert "(no interval can be given), " in text(page(release(bare), "/"))


def test_the_protocol_page_shows_the_seal_or_that_there_is_none() -> None:
    assert "Not yet frozen. The plan can still change" in text(page(release(), "/protocol"))

    def sealed(made: dict) -> None:
        made["study"]["frozen"] = {"fingerprint": made["study"]["fingerprint"], "date": "2025-01-20", "number": 1}

    said = text(page(release(sealed), "/protocol"))
    assert "The plan was frozen on 20 January 2025." in said
    assert "7f3a91c0d2b84e6fa1c5" in said


def test_the_protocol_page_says_that_a_plan_was_frozen_with_answers_at_hand() -> None:
    def sealed(made: dict, *, simulated: str | None) -> None:
        made["study"]["frozen"] = {"fingerprint": made["study"]["fingerprint"], "date": "2027-01-20", "number": 1}
        made["study"]["simulated"] = simulated

    late = "The plan was frozen on 20 January 2027, after people had begun to answer ("
    assert late in text(page(release(partial(sealed, simulated=None)), "/protocol"))
    assert late not in text(page(release(partial(sealed, simulated="Made up.")), "/protocol"))


def test_the_protocol_page_shows_rules_links_measures_and_the_plan_verbatim() -> None:
    said = text(page(release(), "/protocol"))
    for part in (
        "When lived values change is above zero and every guardrail is safe: extend the pilots", "Otherwise: continue",
        "Staff take part → leads to values are owned", "Supported", "Not tested", "10 percentage points", "3 February 2025",
        "method of Benjamini-Hochberg", "protocol: living_our_values\nversion: 1", "Pilots were chosen, not drawn by lot.",
    ):
        assert part in said, part


def test_names_of_methods_are_folded_away_for_analysts_on_the_protocol_page() -> None:
    made = page(release(), "/protocol")
    folded = next(each for each in all_of(made, "Details") if texts(each, "Summary") == ["For analysts"])
    assert "unit change" in text(folded)
    assert text(made).count("unit change") == text(folded).count("unit change")


def test_the_protocol_page_shows_the_values_and_what_they_look_like() -> None:
    said = text(page(release(), "/protocol"))
    assert all(part in said for part in ("We notice distress", "Sits down with a frightened patient.", "Patients and public"))
    without = page(release(lambda made: made["protocol_page"].pop("values")), "/protocol")
    assert "What it looks like" not in text(without)


def test_analysts_find_every_estimate_and_boards_do_not_meet_method_names() -> None:
    assert {"CR1", "CR2", "unit change", "p = 0.005"} <= set(texts(page(release(), "/m/lived_values"), "Td") + texts(page(release(), "/m/lived_values"), "Th"))
    summary = text(page(release()))
    assert not any(word in summary for word in ("CR2", "least squares", "p = ", "guardrail", "weighted", "difference in differences"))


def test_tests_within_people_stand_on_the_analysts_part_when_there_are_any() -> None:
    said = text(page(release(), "/m/lived_values"))
    assert "Within people" in said
    assert "p < 0.001" in said
    assert "Within people" not in text(page(release(), "/m/engagement"))


def test_people_assigned_shows_no_chart_by_organisation() -> None:
    def people(made: dict) -> None:
        for organisation in made["organisations"]:
            organisation.update(arm=None, role=None)
        made["cells"] = [cell for cell in made["cells"] if cell["level"] != "unit"]
        made["study"].update(assignment="respondent", unit_word="person", unit_plural="people")

    made = page(release(people), "/m/lived_values")
    assert "Each person" not in texts(made, "H2")
    assert texts(made, "Label") == ["Compare Start with", "Which answer"]


def test_a_release_in_which_everything_is_hidden_still_has_its_pages() -> None:
    def hide(made: dict) -> None:
        for cell in made["cells"]:
            cell.update(n=None, mean=None, conf_low=None, conf_high=None, suppressed="fewer people answered than the policy allows")

    for path, search in ADDRESSES:
        assert len(all_of(page(release(hide), path, search), "H1")) == 1
    said = text(page(release(hide), "/m/lived_values"))
    assert "No number can be shown" in said
    assert said.count("[c] hidden to protect people (fewer than 11)") > 8


def test_few_people_who_nearly_all_agree_are_told_as_a_bound_and_no_change_is_made_of_it() -> None:
    def bound(made: dict) -> None:
        for cell in made["cells"]:
            if cell["measure"] == "patient_respect" and cell.get("unit") == "R00" and cell["wave"] == "month_12":
                cell.update(mean=95.0, extreme="above", conf_low=None, conf_high=None)

    said = text(page(release(bound), "/m/patient_respect", "?unit=R00"))
    assert "12 months above 95," in said
    assert "Change" not in said[said.index("12 months above 95,"):][:40]


def test_a_release_without_findings_still_has_its_pages() -> None:
    def nothing(made: dict) -> None:
        made["findings"] = []

    assert "The plan asks nothing that can be answered." in text(page(release(nothing)))
    assert "The plan asks nothing of this measure." in text(page(release(nothing), "/m/lived_values"))


def test_the_headline_counts_each_measure_once_and_tells_apart_what_must_not_get_worse() -> None:
    made = page(release())
    assert "3 of 6 measures changed for the better, none for the worse" in text(made)
    assert "What must not get worse: Workload strain (safe)." in text(made)

    def strained(each: dict) -> None:
        each["findings"][-1].update(verdict="Got worse than comparison", short="Got worse", tone="worse")

    assert "3 of 6 measures better, none worse; a safeguard got worse" in text(page(release(strained)))


def test_answers_of_two_waves_are_never_added_up_to_people() -> None:
    for search in ("", "?show=table"):
        said = texts(page(release(), "/", search), "Td")
        assert "14,120 then 13,460" in said
        assert "27,580" not in said
    assert "14,120 then 13,460" in wording.answers(release().findings[0])


def without_comparison(made: dict) -> None:
    """Pilots before and after, by route and together, with nothing to compare."""
    made["organisations"] = [each for each in made["organisations"] if each["role"] == "pilot"]
    made["arms"] = [arm for arm in made["arms"] if arm["role"] == "pilot"]
    made["cells"] = [cell for cell in made["cells"] if cell.get("role") != "comparison"]
    for each in made["findings"]:
        each.update(design="before and after", contrast=each["contrast"].removesuffix(" - comparison"), n_comparison=0, n_units=each["n_pilot"])


def test_pilots_without_a_comparison_are_never_set_beside_one() -> None:
    for path in ("/", "/m/lived_values", "/m/engagement"):
        said = text(page(release(without_comparison), path))
        assert not any(words in said for words in ("than expected", "comparison organisations", "others", "pilots and comparison"))


def test_routes_are_the_contrasts_by_arm_of_the_same_design() -> None:
    def another(made: dict) -> None:
        made["findings"][1].update(design="before and after")

    said = text(page(release(another)))
    assert "Develop own values with full staff participation: +" not in said
    assert "Make existing values come alive: +" in said


def test_the_sample_is_a_release() -> None:
    assert release().result_number == sample()["result_number"]
