"""What the last lines of a file say where they are no rows: notes, or the error that ended it."""

import re

FLAGS = re.VERBOSE | re.IGNORECASE | re.DOTALL
BEGINNINGS = r"""sources?|champ|couverture|unités?|notes?(\ de\ lecture)?|lecture|légende|nota
    |n\.?b\.?|remarques?|avertissements?|précisions?|définitions?|(dernière\ )?mise\ à\ jour
    |extraction|copyright|last\ updated?|updated|extracted(\ on)?|coverage|units?|quellen?|stand
    |hinweise?|anmerkung(en)?|fuentes?|fonti|fonte|bron"""
SIGNS = r"n\.?\s?[dsc]\.?|[spcer]|/{1,3}|\.{2,3}|…|[-–]"
NOTE = re.compile(
    rf"""({BEGINNINGS}|{SIGNS})\s*[:=].*\S
    | ©.*\S
    | \([a-z\d]{{1,3}}\)\s+\S.* | [*¹²³]+\s*\w.*
    | \(?\d[\d\s,.]*(rows?|records?|lignes?|enregistrements?)(\ \w+){{0,3}}\.?\)?
    | [-=_+|\s]{{3,}}
    | <?EOF>?|end\ of\ \w+|fin\ d[ue]\ (fichier|tableau|document)""",
    FLAGS,
)
# what names of places and of things may say as well, though hardly without a value beside them
LIKELY = re.compile(
    r"""(données|chiffres|résultats|estimations?|data|figures|sources?|notes?|champ)\s\S.*
    | .*\b(provisoires?|révisée?s?|provisional|revised|vorläufige?s?)\W*""",
    FLAGS,
)
LABEL = re.compile(rf"({BEGINNINGS})\s*(?P<colon>:?)", FLAGS)
# the beginning of a note that holds the delimiter, and so has cells
CUT = re.compile(rf"({BEGINNINGS})\s*[:=]\s*\S.*", FLAGS)
RULER = re.compile(r"[-=_+|\s]*[-=_]{3}[-=_+|\s]*")  # a line under names, or above sums
BROKEN = re.compile(
    r"""</?(!doctype|html|head|body|title|br|hr|b|h1|div|p|pre|script|center)\b.* | <\?xml\b.*
    | \{\s*"(error|errors|message|code|status|statuscode|detail|fault|exception)"\s*:.*
    | (php\s)?(fatal|parse|internal|uncaught|runtime|server|timeout|system)\s(error|exception)\b.*
    | (php\s)?(error|errors|warning|notice|exception|fatal|panic|erreur)\s*:\s*\S.*
    | traceback\b.* | [\w.]*(error|exception):\s.* | (ora|pls|sp2|sqlstate)[-\[\s]\w+.*
    | error\s\d+\b.* | http/\d.* | curl:\s.* | [45]\d\d\s(-\s)?[a-z][a-z\s-]+.*
    | (bad\sgateway|gateway\stime-?out|service\sunavailable|internal\sserver\serror)\b.*
    | (connection|lost\sconnection|request|operation|query|server)\s[\w\s]*(reset|timed\sout|closed
      |aborted|cancell?ed|interrupted|gone\saway|timeout)\b.*
    | (out\sof\smemory|allowed\smemory|segmentation\sfault|broken\spipe|maximum\sexecution)\b.*
    | killed""",
    FLAGS,
)
ENDED = "ends in what looks like the error of a server or a program, and rows are missing: "
AGAIN = "fetch it again under a new `vintage`: all of it; or ask its publisher for a complete file"
