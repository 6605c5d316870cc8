"""What the values of a variable are by its format in SAS, Stata or SPSS.

Sources: SAS 9.4 Formats and Informats, Reference; Stata, [D] Datetime display formats;
IBM SPSS Statistics, Command Syntax Reference, "Date and time".
"""

import re
from dataclasses import dataclass

DAY = 86_400  # seconds
TO_1970 = {"sas": 3653, "stata": 3653, "spss": 141_428}  # days from 1960, or from 1582-10-14
SYSTEMS = {"sas7bdat": "sas", "xpt": "sas", "dta": "stata", "sav": "spss", "por": "spss"}
SIZES = re.compile(r"\d*(?:\.\d*)?$")
SAS_DAYS = re.compile(
    r"DATE|(?:DDMMYY|MMDDYY|YYMMDD|MMYY|YYMM|YYQR|YYQ)[BCDNPSZ]?|(?:E|B|IS)8601DA"
    r"|JULDAY|JULIAN|PDJULG|PDJULI|WEEKDATX?|WEEKDATE|WEEKDAY|WORDDAT[EX]|DAY|DOWNAME|MONNAME|MONTH"
    r"|MONYY|YYMON|YEAR|QTRR?|WEEK[UVW]|NLDATE\w*|EUR\w+|MINGUO|NENGO|HDATE|HEBDATE|JDATE\w+|JNENGO"
)
SAS_MOMENTS = re.compile(
    r"DATETIME|DATEAMPM|DT\w+|(?:E|B|IS)8601(?:D[TZXN]|LX)|MDYAMPM|NLDATM\w*|EURDFDT"
)
SAS_TIMES = re.compile(
    r"TIME|TIMEAMPM|TOD|HHMM|HOUR|MMSS|(?:E|B|IS)8601(?:TM|LZ|TX|TZ)|NLTIM\w*|JTIME\w+"
)
OF_A_DAY = ("TOD", "TIMEAMPM")  # show the time of moments, too
SPSS_DAYS = re.compile(r"[AEJS]?DATE|QYR|MOYR|WKYR")
SPSS_MOMENTS, SPSS_TIMES = re.compile(r"DATETIME|YMDHMS"), re.compile(r"[DM]?TIME")
STATA_CLOCK = re.compile(r"(?:HH|Hh|hh|MM|mm|SS|ss|\.s+|[:. _]|[ap]\.?m\.?|[AP]\.?M\.?)+")
STATA = re.compile(r"%-?(?:(d|td|tc|tC|tw|tm|tq|th|ty|tb)(.*)|0(\d+)\.0f)")
PERIODS = {"tw": "week", "tm": "month", "tq": "quarter", "th": "half-year"}
CODE = re.compile(r"(?:Z|N)(\d+)(?:\.0?)?")  # SAS' Z5., SPSS' N5


@dataclass(frozen=True)
class Meaning:
    """``kind``: number, day, moment, time, code, or one of ``PERIODS``.

    Attributes:
        scale: of moments and times, how many of their units are a second.
        digits: of a code, how many it is shown in.
        is_of_day: of a time, whether it is one of a day: others are moments that it is shown of.
        told: what readers should know, where the value stays a number.
    """

    kind: str = "number"
    scale: int = 1
    digits: int = 0
    is_of_day: bool = False
    told: str = ""


NUMBER = Meaning()


def meaning_of(system: str, form: str | None) -> Meaning:
    """Return what a format says of the numbers of a variable.

    Args:
        system: sas, stata or spss.
        form: the format as its file has it.
    """
    form = form or ""
    if system == "stata":
        return _of_stata(form)
    if code := CODE.fullmatch(form.upper()):
        return Meaning("code", digits=int(code[1]))
    name = form.upper()
    days, moments, times = (
        (SAS_DAYS, SAS_MOMENTS, SAS_TIMES)
        if system == "sas"
        else (SPSS_DAYS, SPSS_MOMENTS, SPSS_TIMES)
    )
    bare = {name, SIZES.sub("", name)}  # B8601DA10 and E8601DT have digits of their own
    for kind, known in (("moment", moments), ("time", times), ("day", days)):
        if any(map(known.fullmatch, bare)):
            return Meaning(kind, is_of_day=not bare.isdisjoint(OF_A_DAY))
    return NUMBER


def _of_stata(form: str) -> Meaning:
    found = STATA.fullmatch(form)
    if not found:
        return NUMBER
    if found[3]:
        return Meaning("code", digits=int(found[3]))
    unit, rest = found[1], found[2]
    if unit in ("d", "td"):
        return Meaning("day")
    if unit == "tc":
        is_clock = bool(rest) and STATA_CLOCK.fullmatch(rest)
        return Meaning("time" if is_clock else "moment", scale=1000)
    if unit in PERIODS:
        return Meaning(PERIODS[unit], told=f"a {PERIODS[unit]} is its first day")
    if unit == "tC":
        return Meaning(told="a moment that counts leap seconds (%tC) is the number that it is")
    if unit == "tb":
        return Meaning(told="a day of a business calendar (%tb) is the number that it is")
    return NUMBER  # %ty: a year is its number
