"""The table of bad inputs, row by row: which tests show that each gets what it should, and which rows are not of this program yet.

A proof is `file::test`, or `file::N` for the cases of a table whose names begin with the row's number. Every proof is looked up in the
file itself, so that a test renamed or a case taken out is missed here.
"""

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from tests.conftest import REPOSITORY

BAD, HOSTILE, JOURNEY = "waves/test_bad_inputs.py", "waves/readers/test_hostile_files.py", "journeys/test_load.py"
EXCEL, STORE, CRASH = "waves/readers/test_excel.py", "waves/test_store.py", "waves/storage/test_crashes.py"
DOCUMENTS, HARD, FIT = "documents/test_bad_documents.py", "journeys/test_hard_data.py", "inference/fit/test_bad_input.py"

PROOFS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: ("empty file", (f"{BAD}::1", f"{JOURNEY}::1")),
    2: ("header only", (f"{BAD}::2", f"{BAD}::test_a_header_without_rows_loads_when_nobody_answered")),
    3: ("cut in mid-record", (f"{BAD}::3", "waves/readers/test_csv.py::test_a_file_cut_anywhere_is_refused_or_gives_the_rows_before_the_cut")),
    4: ("unclosed quote", (f"{BAD}::4",)),
    5: ("too many or too few columns in a row", (f"{BAD}::5",)),
    6: ("UTF-16", (f"{BAD}::6", f"{JOURNEY}::6")),
    7: ("Windows-1252 said to be UTF-8", (f"{BAD}::7", f"{BAD}::test_a_declared_windows_encoding_is_read_as_such")),
    8: ("UTF-8 mark", (f"{BAD}::8",)),
    9: ("NUL bytes", (f"{BAD}::9",)),
    10: ("line ends of other systems", (f"{BAD}::10",)),
    11: ("other delimiters", (f"{BAD}::11", "waves/readers/test_csv.py::test_a_declared_delimiter_settles_an_ambiguous_file")),
    12: ("duplicate headers", (f"{BAD}::12",)),
    13: ("headers nearly right", (f"{BAD}::13", f"{BAD}::test_a_near_miss_is_refused_even_when_extra_columns_may_be_dropped")),
    14: ("column missing", (f"{BAD}::14",)),
    15: ("extra column", (f"{BAD}::15", f"{BAD}::test_extra_columns_are_dropped_on_request_and_named_with_counts_not_values")),
    16: ("labels among codes", (f"{BAD}::16",)),
    17: ("answers off their scale", (f"{BAD}::17",)),
    18: ("undeclared missing codes", (f"{BAD}::18", "waves/test_collect.py::test_missing_answers_are_counted_by_declared_code")),
    19: ("NaN and infinities", (f"{BAD}::19",)),
    20: ("comma decimals and thousands", (f"{BAD}::20", "waves/checks/test_answers.py::test_numbers_are_read_in_the_declared_notation_only")),
    21: ("days", (f"{BAD}::21", "waves/checks/test_answers.py::test_days_are_read_in_the_declared_order_only")),
    22: ("unknown organisation", (f"{BAD}::22",)),
    23: ("organisation or wave differ from the command", (f"{BAD}::23",)),
    24: ("respondent twice", (f"{BAD}::24",)),
    25: ("same file again", (f"{STORE}::test_the_same_file_again_changes_nothing_and_says_so", f"{BAD}::test_loading_twice_changing_and_reordering_are_told_apart")),
    26: ("same wave, other content", (f"{STORE}::test_different_content_is_refused_naming_both_ways_out", "cli/test_wave.py::test_different_content_is_told_with_both_ways_out")),
    27: ("rows shuffled", (f"{STORE}::test_shuffled_rows_are_the_same_content", f"{BAD}::27")),
    28: ("follow-up before baseline", (f"{STORE}::test_a_follow_up_before_its_baseline_is_refused_unless_declared",)),
    29: ("ids that identify people", (f"{BAD}::29", "waves/checks/test_identifiers.py::test_ids_of_respondents_are_judged_by_their_form")),
    30: ("free text nobody declared", (f"{BAD}::30",)),
    31: ("ten gigabytes", (f"{HOSTILE}::test_row_31_ten_gigabytes_are_refused_by_size_and_never_read",)),
    32: ("endless line or field", (f"{HOSTILE}::test_row_32_one_endless_line_or_field_is_refused_at_a_mebibyte", f"{BAD}::32")),
    33: ("too many columns", (f"{BAD}::33",)),
    34: ("archive bombs", (f"{HOSTILE}::test_row_34_a_workbook_that_unpacks_too_far_is_refused_from_its_directory", f"{EXCEL}::test_cells_too_far_apart_are_refused_before_room_is_made_for_them", f"{EXCEL}::test_an_old_workbook_that_would_ask_for_all_memory_is_refused_unread")),
    35: ("entities", (f"{HOSTILE}::test_row_35_entities_of_a_workbook_are_never_expanded_or_fetched",)),
    36: ("locked, macros, web page", (f"{HOSTILE}::test_row_36_a_locked_workbook_is_named_as_such", f"{HOSTILE}::test_row_36_a_workbook_with_macros_is_refused_under_either_name", f"{HOSTILE}::test_row_36_a_web_page_under_the_name_of_a_workbook_is_named_as_such")),
    37: ("formulas, errors, merged cells, hidden and several sheets", (f"{EXCEL}::test_a_cell_whose_formula_failed_is_refused_with_its_address_and_not_read_as_blank", f"{HOSTILE}::test_row_37_formulas_that_were_never_worked_out_are_refused_by_address", f"{HOSTILE}::test_row_37_merged_answers_are_refused_by_address_and_a_merged_note_is_not_one", f"{HOSTILE}::test_row_37_a_hidden_sheet_is_read_only_when_it_is_named", f"{EXCEL}::test_of_two_sheets_with_cells_one_must_be_named")),
    38: ("codes as numbers", (f"{HOSTILE}::test_row_38_codes_that_lost_a_nought_or_digits_in_a_spreadsheet_are_refused",)),
    39: ("cells that begin like formulas", (f"{BAD}::test_text_that_looks_like_a_formula_or_markup_stays_text", "waves/test_report.py::test_no_cell_of_the_file_becomes_a_formula_of_the_workbook", "dashboards/test_downloads.py::test_text_that_a_spreadsheet_would_run_is_made_text", "journeys/test_hostile_names.py::test_no_cell_of_any_download_starts_a_formula")),
    40: ("file names", (f"{HOSTILE}::test_row_40_no_name_of_a_file_reaches_the_disk_or_steers_a_terminal", f"{HOSTILE}::test_row_40_a_path_that_leads_nowhere_is_refused_and_leaves_the_study_alone")),
    41: ("hostile organisation names", (f"{BAD}::test_a_hostile_organisation_code_is_shown_as_text_and_refused", "journeys/test_hostile_names.py::test_on_pages_a_name_is_a_piece_of_text")),
    42: ("no regular file, or one that changes", (f"{HOSTILE}::test_row_42_pipes_devices_links_and_folders_are_refused_without_waiting", f"{HOSTILE}::test_row_42_a_file_that_grows_or_shrinks_while_it_is_read_is_refused", "waves/test_load.py::test_a_file_that_changes_while_it_is_read_is_refused")),
    43: ("Parquet torn, flipped, lying", ("waves/readers/test_parquet.py::test_a_torn_locked_or_renamed_file_is_refused", "waves/readers/test_parquet.py::test_a_bit_flipped_in_any_byte_of_a_page_is_noticed", "waves/readers/test_parquet.py::test_a_lying_row_count_is_refused", "waves/readers/test_parquet.py::test_columns_that_hold_more_than_one_value_or_an_extension_are_refused_by_name")),
    44: ("pickles and other programs' files renamed", (f"{BAD}::44", f"{HOSTILE}::test_row_44_nothing_in_the_program_reads_pickles")),
    45: ("hostile YAML", (f"{DOCUMENTS}::test_row_45_a_document_that_is_not_plain_is_refused_at_its_line_and_column", f"{DOCUMENTS}::test_row_45_a_bomb_costs_neither_time_nor_memory")),
    46: ("thresholds", (f"{DOCUMENTS}::test_row_46_a_policy_with_no_real_threshold_is_refused", f"{DOCUMENTS}::test_row_46_a_sealed_policy_is_never_lowered")),
    47: ("plan changed after the freeze", (f"{DOCUMENTS}::test_row_47_one_byte_after_the_freeze_is_refused_with_both_hashes_and_the_way_on",)),
    48: ("store's manifest edited, missing, stale", ("waves/storage/test_integrity.py::test_a_flipped_bit_is_found_wherever_it_is", "waves/storage/test_integrity.py::test_a_missing_file_is_named", "waves/storage/test_integrity.py::test_a_store_without_its_log_of_acts_is_not_read", "journeys/test_failed_run.py::test_what_is_broken_is_refused_with_exit_4_and_named", "dashboards/test_reader.py::test_a_release_that_cannot_be_read_leaves_the_last_one_with_a_warning")),
    49: ("disk full, read-only", (f"{CRASH}::test_a_full_disk_at_any_step_is_the_computers_fault_and_keeps_the_old_version", "waves/test_load.py::test_a_disk_that_cannot_hold_the_copy_stores_nothing", "journeys/test_failed_run.py::test_a_disk_that_fails_at_any_step_ends_with_exit_7_and_the_preview_before")),
    50: ("two writers, clock set back", (f"{CRASH}::test_a_second_writer_is_told_who_is_busy_and_readers_never_wait", f"{CRASH}::test_order_is_by_version_when_the_clock_is_set_back", "journeys/test_failed_run.py::test_a_run_beside_another_writer_is_refused_with_exit_6_naming_it")),
    51: ("signals and power cuts", (f"{CRASH}::test_a_power_cut_leaves_the_old_version_and_the_next_load_puts_things_straight", f"{CRASH}::test_killed_at_random_no_acknowledged_load_is_lost_and_none_is_half_there")),
    52: ("too few, all alike, nobody", (f"{HARD}::test_answers_that_are_all_equal_are_refused", f"{HARD}::test_an_organisation_of_one_person_is_hidden_and_cannot_be_worked_out", f"{HARD}::test_a_wave_in_which_nobody_answered_a_question_is_named", f"{HARD}::test_one_organisation_alone_gets_no_number", f"{HARD}::test_without_comparisons_before_and_after_is_a_change_and_the_rest_cannot_be_told")),
    53: ("separation, collinearity, weights", (f"{HARD}::test_perfect_separation_at_follow_up_is_estimated_with_a_named_warning", f"{HARD}::test_collinear_columns_are_dropped_by_name_and_change_nothing", f"{FIT}::test_an_outcome_without_variation_is_refused", f"{FIT}::test_one_organisation_on_a_side_has_an_estimate_and_no_p_value", f"{FIT}::test_weights_that_are_none_are_refused_with_their_number")),
    54: ("forged requests", ("dashboards/test_guard.py::test_a_forged_callback_is_refused_with_400", "dashboards/test_guard.py::test_a_request_longer_than_any_the_site_sends_is_refused")),
    57: ("parameters of addresses", ("dashboards/test_pages.py::test_an_unknown_choice_gives_the_usual_view_and_is_not_repeated",)),
    58: ("erasure of nobody, twice, during a load", ("waves/test_erase.py::test_an_unknown_id_and_a_second_time_get_the_same_answer", "waves/test_erase.py::test_an_erasure_stands_in_line_behind_a_load")),
}  # fmt: skip
"""Row: what it is, and what shows that it gets what it should."""

NOT_YET: dict[int, tuple[str, str]] = {
    55: ("forged, expired and oversized cookies", "dashboards/access"),
    56: ("comments", "dashboards/comments"),
}
"""Rows about a part of the program that is not there: no cookie is set and no comment taken. Where it would stand."""


@cache
def said(file: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names of a test file's tests, and of the cases in the tables that its tests run through."""
    tree = ast.parse((REPOSITORY / "tests" / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)), frozenset(cases(tree))


def cases(tree: ast.Module) -> Iterator[str]:
    """Names of the cases of tables at a module's top that stand in a `parametrize`: the keys of blocks, first arguments in lists."""
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    run = {name.id for test in tests for mark in test.decorator_list for name in ast.walk(mark) if isinstance(name, ast.Name)}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        if any(isinstance(target, ast.Name) and target.id in run for target in targets):
            yield from named(node.value)  # type: ignore[attr-defined]


def named(table: ast.expr) -> Iterator[str]:
    if isinstance(table, ast.Dict):
        yield from (begun for key in table.keys if key is not None and (begun := beginning(key)))
    for element in getattr(table, "elts", []):
        inner = getattr(element.value, "elt", element.value) if isinstance(element, ast.Starred) else element
        if isinstance(inner, ast.Call) and inner.args and (begun := beginning(inner.args[0])):
            yield begun


def beginning(name: ast.expr) -> str:
    """A text, or what stands before the first value in it; '' for anything else."""
    first = name.values[0] if isinstance(name, ast.JoinedStr) and name.values else name
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def test_only_the_name_of_a_case_that_a_test_runs_proves_a_row() -> None:
    source = """
RUN = [Bad("1 a", "2 text"), *(Bad(f"3 {k}", "4 x") for k in "ab")]
ALSO = {"5 b": "6 text"}
IDLE = [Bad("7 c", "8")]
@pytest.mark.parametrize("case", [*RUN, *ALSO])
def test_one(case): assert "9 rows" in case
"""
    assert list(cases(ast.parse(source))) == ["1 a", "3 ", "5 b"]


def test_every_row_is_proven_or_about_something_that_is_not_there() -> None:
    assert sorted([*PROOFS, *NOT_YET]) == list(range(1, 59))
    assert all(proofs for _, proofs in PROOFS.values())


@pytest.mark.parametrize("row", PROOFS)
def test_every_proof_of_a_row_is_a_test_that_is_there(row: int) -> None:
    for proof in PROOFS[row][1]:
        file, _, name = proof.partition("::")
        tests, run = said(file)
        if name.isdigit():
            assert int(name) == row and any(case.startswith(f"{row} ") for case in run), proof
        else:
            assert name in tests, proof


@pytest.mark.parametrize("row", NOT_YET)
def test_a_row_is_left_out_only_while_its_part_of_the_program_is_not_there(row: int) -> None:
    """Once it is built, its row moves to the table of proofs."""
    place = REPOSITORY / NOT_YET[row][1]
    assert not place.exists() and not place.with_suffix(".py").exists()
