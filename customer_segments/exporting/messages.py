"""Texts of messages: a template, filled for each row, within what channels allow."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Literal

import duckdb
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from customer_segments.exporting.file_forms import beyond_cp949, fits_cp949
from customer_segments.exporting.judging import NOT_PRINTABLE
from customer_segments.exporting.problems import WriteFailed
from customer_segments.loading.quoting import quote_name, quote_text

AD_LABEL = "(광고)"
# how the label is written by those who hope that nobody reads it
ALIKE = re.compile(r"\s*[(（\[<{【]?\s*광\s*고")
SMS_BYTES, LMS_BYTES, SUBJECT_BYTES = 90, 2_000, 40
# of Kakao: that of alimtalk is its rule, that of brand messages is unsure
CHARACTERS = {"alimtalk": 1_000, "brand_message": 1_300}
SLOTS = {
    "sms": re.compile(r"\{(\w{1,64})\}"),
    "alimtalk": re.compile(r"#\{([^{}\n]{1,64})\}"),
    "brand_message": re.compile(r"#\{([^{}\n]{1,64})\}"),
}
EXAMPLES = {"sms": "{name}", "alimtalk": "#{이름}", "brand_message": "#{이름}"}
VARIABLE = re.compile(r"\w{1,64}")
PHONE = re.compile(r"\d(?:[ -]?\d){6,11}")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\ufeff]")

Text = Annotated[str, Field(min_length=1, max_length=10_000)]
# a text that is the same for all, or the name of a variable
Part = tuple[Literal["fixed", "variable"], str]


class Message(BaseModel):
    """The text of a campaign and where its variables come from.

    SMS templates say `{name}`; alimtalk and brand messages say `#{이름}` as they were
    approved. `variables` maps such names to those of the audience where they differ.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: Literal["sms", "alimtalk", "brand_message"]
    message_class: Literal["ad", "info"]
    text: Text
    subject: Text | None = None
    template_code: Annotated[str, Field(pattern=r"^[\w.-]{1,64}$")] | None = None
    variables: dict[str, str] = {}
    lms: bool = True
    max_characters: Annotated[int, Field(ge=1, le=10_000)] | None = None
    opt_out_words: tuple[Text, ...] = ("무료수신거부", "무료거부")
    opt_out_needs_number: bool = True

    @field_validator("text", "subject")
    @classmethod
    def compose(cls, text: str | None) -> str | None:
        """Whole Hangul syllables, however the file was saved."""
        return text if text is None else unicodedata.normalize("NFC", text)

    @model_validator(mode="after")
    def keep_to_the_rules(self) -> "Message":
        """ValueError for what may not be sent, whoever receives it."""
        if self.kind == "alimtalk" and self.message_class == "ad":
            raise ValueError("alimtalk takes no advertising; use sms or brand_message")
        if self.kind == "sms" and self.template_code:
            raise ValueError("template_code is for alimtalk and brand_message")
        if self.kind == "alimtalk" and not self.template_code:
            raise ValueError(
                "alimtalk needs the template_code of the approved template"
            )
        if self.kind != "sms" and self.subject:
            raise ValueError("subject is for LMS")
        if self.kind == "sms" and self.max_characters:
            raise ValueError("max_characters is for Kakao; SMS and LMS count bytes")
        if CONTROL.search(self.text) or re.search(r"[\x00-\x1f]", self.subject or ""):
            raise ValueError("the text holds a character that cannot be printed")
        left = SLOTS[self.kind].sub("", self.text + (self.subject or ""))
        if re.search(r"[{}]" if self.kind == "sms" else r"#\{", left):
            raise ValueError(f"a variable is written {EXAMPLES[self.kind]}")
        self.check_variables()
        self.check_label()
        self.check_length()
        return self

    def check_variables(self) -> None:
        """ValueError for a mapping that is not used or not to a variable."""
        named = {
            name
            for text in (self.text, self.subject or "")
            for name in SLOTS[self.kind].findall(text)
        }
        for name, variable in self.variables.items():
            if name not in named:
                raise ValueError(f"the template has no variable {name!r}")
            if not VARIABLE.fullmatch(variable):
                raise ValueError(f"{variable!r} is no name of a variable")
        for name in sorted(named - self.variables.keys()):
            if not VARIABLE.fullmatch(name):
                raise ValueError(f"variables must say where {name!r} comes from")

    def check_label(self) -> None:
        """ValueError for advertising that does not say so, or information that does."""
        if self.message_class == "info":
            if ALIKE.match(self.text) or ALIKE.match(self.subject or ""):
                raise ValueError(
                    "the text begins as an advertisement but is of class info"
                )
            return
        if not self.text.startswith(AD_LABEL):
            raise ValueError(f"advertising begins with exactly {AD_LABEL}")
        for kind, fixed in self.parts(self.text):
            for word in self.opt_out_words if kind == "fixed" else ():
                _, found, rest = fixed.partition(word)
                if found and (PHONE.search(rest) or not self.opt_out_needs_number):
                    return
        number = " and a free number" if self.opt_out_needs_number else ""
        raise ValueError(
            "advertising says how to refuse it: one of"
            f" {', '.join(self.opt_out_words)}{number} in the fixed text"
        )

    def check_length(self) -> None:
        """ValueError when the fixed text alone is too long, or cannot be sent."""
        fixed = "".join(text for kind, text in self.parts(self.text) if kind == "fixed")
        if self.kind != "sms":
            if len(fixed) > self.most_characters:
                raise ValueError(f"the text is longer than {self.most_characters:,}")
            return
        subject = "".join(
            text for kind, text in self.parts(self.subject or "") if kind == "fixed"
        )
        for text in (fixed, subject):
            if not fits_cp949(text):
                lacking = next(sign for sign in text if not fits_cp949(sign))
                raise ValueError(f"text messages have no {lacking!r} (not in CP949)")
        most = LMS_BYTES if self.lms else SMS_BYTES
        if len(fixed.encode("cp949")) > most:
            raise ValueError(f"the text is longer than {most:,} bytes")
        if len(subject.encode("cp949")) > SUBJECT_BYTES:
            raise ValueError(f"the subject is longer than {SUBJECT_BYTES} bytes")

    @property
    def most_characters(self) -> int:
        """How long a Kakao text may be, in characters."""
        return self.max_characters or CHARACTERS[self.kind]

    @property
    def asked(self) -> frozenset[str]:
        """The variables of the audience that text and subject ask for."""
        return frozenset(
            name
            for template in (self.text, self.subject or "")
            for kind, name in self.parts(template)
            if kind == "variable"
        )

    def parts(self, template: str) -> list[Part]:
        """A template as fixed texts and variables, in order."""
        pieces = SLOTS[self.kind].split(template)
        return [
            ("fixed", piece)
            if place % 2 == 0
            else ("variable", self.variables.get(piece, piece))
            for place, piece in enumerate(pieces)
            if piece
        ]


def fill(
    connection: duckdb.DuckDBPyConnection, relation: str, message: Message, into: str
) -> dict[str, int]:
    """Make a table of the rows with their message; rows that were rejected, by reason.

    Adds text, subject, message_type (SMS, LMS, ALIMTALK, BRAND_MESSAGE), template_code
    and rejected, which is null for rows that can be sent: missing_variable,
    control_character, not_in_cp949, text_too_long, subject_too_long. WriteFailed when
    the variables are no JSON.
    """
    try:
        make_filled(connection, relation, message)
        judge_filled(connection, message, into)
        connection.sql("drop table filled_messages")
        counts = connection.sql(
            f"select rejected, count(*) from {quote_name(into)}"
            " where rejected is not null group by rejected order by rejected"
        ).fetchall()
    except duckdb.Error as error:
        # its text may show a value
        why = type(error).__name__
        raise WriteFailed(f"the message could not be filled ({why})") from None
    return dict(counts)


def make_filled(
    connection: duckdb.DuckDBPyConnection, relation: str, message: Message
) -> None:
    """Fill the templates; null where a variable is missing."""
    columns = {
        name: f"variable_{place}" for place, name in enumerate(sorted(message.asked))
    }
    found = "".join(
        f", {usual(f'json_extract_string(variables, {quote_text(name)})')} as {column}"
        for name, column in columns.items()
    )
    strange = " or ".join(
        f"coalesce(regexp_matches({column}, '{NOT_PRINTABLE}'), false)"
        for column in columns.values()
    )
    connection.sql(
        f"""
        create or replace table filled_messages as
        with found as (select *{found} from {quote_name(relation)})
        select
            * exclude ({", ".join(["variables", *columns.values()])}),
            variables,
            {expression(message, message.text, columns)} as text,
            {expression(message, message.subject or "", columns)} as subject,
            {strange or "false"} as is_strange
        from found
        """
    )


def usual(text: str) -> str:
    """The SQL expression of a value without blanks around it, composed, or null."""
    trimmed = (
        f"regexp_replace({text},"
        r" '^[\s\x{00A0}\x{3000}]+|[\s\x{00A0}\x{3000}]+$', '', 'g')"
    )
    composed = (
        rf"case when regexp_matches({text}, '[\x{{1100}}-\x{{11FF}}]')"
        f" then nfc_normalize({trimmed}) else {trimmed} end"
    )
    return f"nullif({composed}, '')"


def expression(message: Message, template: str, columns: Mapping[str, str]) -> str:
    """The SQL expression of a filled template."""
    parts = [
        columns[text] if kind == "variable" else quote_text(text)
        for kind, text in message.parts(template)
    ]
    return " || ".join(parts) or "''"


def judge_filled(
    connection: duckdb.DuckDBPyConnection, message: Message, into: str
) -> None:
    """Say of each filled message what it is and whether it can be sent."""
    size, subject_size = (f"strlen({text})" for text in ("text", "subject"))
    beyond = "false"
    kind = quote_text(message.kind.upper())
    if message.kind == "sms":
        size, subject_size = (cp949_bytes(text) for text in ("text", "subject"))
        pattern = beyond_cp949(connection, "filled_messages", ["text", "subject"])
        if pattern:
            beyond = f"regexp_matches(concat(text, subject), '{pattern}')"
        kind = f"case when {size} <= {SMS_BYTES} then 'SMS' else 'LMS' end"
        most = LMS_BYTES if message.lms else SMS_BYTES
    else:
        size, most = "length(text)", message.most_characters
    code = quote_text(message.template_code) if message.template_code else "null"
    connection.sql(
        f"""
        create or replace table {quote_name(into)} as
        with measured as (
            select
                * exclude (text, subject, is_strange),
                text,
                case when {kind} = 'LMS' then nullif(subject, '') end as subject,
                {kind} as message_type,
                {code}::varchar as template_code,
                case
                    when
                        text is null or ({kind} = 'LMS' and subject is null)
                        then 'missing_variable'
                    when is_strange then 'control_character'
                    when {beyond} then 'not_in_cp949'
                    when {size} > {most} then 'text_too_long'
                    when {kind} = 'LMS' and {subject_size} > {SUBJECT_BYTES}
                        then 'subject_too_long'
                end as rejected
            from filled_messages
        )
        select * from measured
        """
    )


def cp949_bytes(text: str) -> str:
    """The SQL expression of a text's length in CP949, where ASCII takes one byte."""
    ascii_only = rf"regexp_replace({text}, '[^\x00-\x7F]', '', 'g')"
    return f"(2 * length({text}) - length({ascii_only}))"
