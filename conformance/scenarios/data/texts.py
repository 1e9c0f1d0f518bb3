"""Texts that software often mishandles, each named after the reason."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "accents": "Ünïcödé façade",
    # escapes: an editor that normalises would leave nothing to be asked
    "composed and decomposed": "\u00e9 e\u0301 a\u0323\u0302 \u1112\u1161\u11ab",
    "forms of compatibility": "\ufb01 \uff21\uff42 \u00bd \u2460 \u212b",
    "Chinese, Japanese, Korean": "漢字 かな 한글",
    "right to left": "שלום עולם مرحبا بالعالم",
    "both directions, marked": "a \u202eright\u202c b \u200f\u200e",
    "Thai and Devanagari, with marks": "ภาษาไทย हिन्दी क्ष",
    "emoji beyond the first plane": "🌍🚀",
    "emoji joined and toned": "👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 🇨🇭",
    "old scripts and musical signs": "𒀀 𐍈 𝄞",
    "no width and other spaces": "a\u200bb\u00a0c\u3000d\ufeffe",
    "line separators": "a\u2028b\u2029c\u0085d",
    "line ends": "a\nb\r\nc\rd\n",
    "tabs and spaces around": " \t both ends \t ",
    "control characters": "a\u0001b\u001bc\u007fd",
    "quotes and backslashes": "\"double\" 'single' `back` \\n \\u0041 \\",
    "HTML": '<b>bold</b> &amp; <script>alert("1")</script> &#39;',
    "SQL": "Robert'); DROP TABLE tasks;--",
    "templates": "{{ 7*7 }} ${7*7} %s %(x)s {0} $text",
    "formulas": '=1+1,@SUM(A1),"+2"',
    "commas and semicolons": "a,b;c\td|e",
    "private use and last character": "\ue000 \U0010ffff \ufffd",
    "words of other types": "null",
}
SHORT: Final = {name: text for name, text in TEXTS.items() if text == text.strip() and "\x01" not in text}
