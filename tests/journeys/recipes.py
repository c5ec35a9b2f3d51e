"""The public studies, made from the data as it is published by doing what their READMEs say, word for word."""

import gzip
from pathlib import Path

import pandas as pd

from evaluation.study import Study
from tests.conftest import REAL_DATA, REPOSITORY
from tests.journeys.reading import follow

ILLINOIS = "illinois_workplace_wellness_survey"
SPECIAL_MEASURES = "nhs_staff_survey_special_measures_2012_2015"
ARMY = "army_univbct_three_waves"
CIVIL_SERVICE = "civil_service_people_survey_2009_2019"
PROTOCOLS = REPOSITORY / "protocols"


def missing(name: str) -> str:
    """Why there is nothing to go by; empty when the data are here."""
    return "" if (REAL_DATA / name).is_dir() else f"real data '{name}' is not on this machine (set PILOT_SHARED_DATA)"


def illinois(folder: Path) -> Study:
    """Three waves of one employer, cut out of the wide public file."""
    _unpack(REAL_DATA / ILLINOIS / "online_surveys.csv.gz", folder / "online_surveys.csv")
    follow(PROTOCOLS / "illinois-wellness" / "README.md", folder)
    return Study.open(folder / "wellness")


def special_measures(folder: Path) -> Study:
    """Published means of trusts in four years, cut out of one file.

    At hand are the years, already cut; put together again with the empty column, the missing sign and another year, as published.
    """
    years = [pd.read_csv(path, dtype=str) for path in sorted((REAL_DATA / SPECIAL_MEASURES).glob("*_acute_*.csv.gz"))]
    later = years[-1].assign(**{"Year.Index": "2016"})
    whole = pd.concat([*years, later]).sort_values(["Code", "Year.Index"], kind="stable").assign(X=pd.NA)
    whole.to_csv(folder / "data.NHS.2012_2019.csv", index=False, na_rep="NA")
    follow(PROTOCOLS / "special-measures" / "README.md", folder)
    return Study.open(folder / "measures")


def army(folder: Path) -> Study:
    """495 soldiers asked three times, in one long file."""
    _unpack(REAL_DATA / ARMY / "univbct.csv.gz", folder / "univbct.csv")
    follow(PROTOCOLS / "army-waves" / "README.md", folder)
    return Study.open(folder / "army")


def civil_service(folder: Path) -> Study:
    """Eleven yearly files of organisations' figures, in three formats, and their history of names."""
    names = {
        "long.parquet": "csps_organisation_scores_2009_2019_long.parquet", "history.csv": "02_02-org_history.csv",
        "2016.xlsx": "civil_servcie_people_survey_2016_all_organisation_scores.xlsx",
        "2017.csv": "Civil_Service_People_Survey_2017_All_Organisation_Scores__CSV_.csv",
        "2018.csv": "Civil-Service-People-Survey-2018-All-Organisation-Scores-v2.0.csv",
        "2019.xlsx": "Civil-Service-People-Survey-2019-All-Organisation-Scores-Excel.xlsx",
    }
    for ours, published in names.items():
        (folder / ours).write_bytes((REAL_DATA / CIVIL_SERVICE / published).read_bytes())
    follow(PROTOCOLS / "civil-service-trend" / "README.md", folder)
    return Study.open(folder / "trend")


def _unpack(packed: Path, target: Path) -> None:
    target.write_bytes(gzip.decompress(packed.read_bytes()))
