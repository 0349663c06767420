# SPDX-License-Identifier: BSD-3-Clause
"""words.json: words of the package regex, which has UAX 29; case and letters of Python, over all code points."""
import importlib.metadata
import json
import random
import unicodedata

import regex

from common import FOLDER, SEED

random.seed(SEED)
letters = [c for c in map(chr, range(0x110000)) if not 0xD800 <= ord(c) < 0xE000]


def words(text):
    """The segments that have a letter or a digit."""
    return [part for part in regex.split(r"(?V1w)\b", text) if any(c.isalnum() for c in part)]


texts = ["don't can't o'clock", "3.14 1,000 10:30 a.b a:b", "foo_bar __x__ a_1.b", "rock'n'roll 'quoted' dogs'", "आधुनिक मानक हिन्दी में", "তুমি দিলে মন", "cafe\u0301 nai\u0308ve e\u0301", "שָׁלוֹם צה\"ל ג'ירף",
         "عَرَبِيّ ١٬٢٣٤ می\u200cخواهم", "co\u00adop a\u200db a\u200bb", "カタカナabc ﾊﾟﾝ カ゚", "l\u2019été c\u2019est l\u00b7l", "1\ufe0f\u20e3 a\ufe0f", "ΛΌΓΟΣ привет-мир", "한국어 조선말", "a\u0308_\u0308b \u0308a", "x@y.com u.s.a. 1.a a.1"]
alphabet = list("aZéß19_'.:,;\"- \n") + ["ह", "ि", "्", "א", "״", "カ", "゙", "\u0301", "\u00ad", "\u200d", "\u200c", "١", "٬", "Σ", "’", "·", "‿", "😀", "🏽"]
for _ in range(400):
    texts.append("".join(random.choice(alphabet) for _ in range(random.randint(1, 12))))

sigmas = ["ΟΔΟΣ ΛΟΓΟΣ", "Σ", "ΑΣ", "ΣΑ", "ΑΣ.Α ΑΣ.", "Α\u0301Σ\u0301 Α\u0301Σ\u0301Α", "ΑΣ1", "1Σ", "ʰΣ ΑʰΣ"]
for _ in range(200):
    sigmas.append("".join(random.choice("ΣΣΣΑb1 .'ǅⅣΪ\u0301\u00adʰªßहि-") for _ in range(random.randint(1, 8))))

ranges = []
for c in map(ord, letters):
    if chr(c).isalnum() or c == 0x5F:
        if ranges and ranges[-1][1] == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
out = {
    "versions": {"unicode": unicodedata.unidata_version, "regex": importlib.metadata.version("regex")},
    "words": [[text, words(text)] for text in texts],
    "lower": {c: c.lower() for c in letters if c.lower() != c},
    "casefold": {c: c.casefold() for c in letters if c.casefold() != c.lower()},
    "sigmas": [[text, text.lower()] for text in sigmas],
    "word_letters": ranges,
}
(FOLDER / "words.json").write_text("{" + ",\n".join(f'"{key}": ' + json.dumps(value, ensure_ascii=False, separators=(",", ":")) for key, value in out.items()) + "}\n", encoding="utf-8")
