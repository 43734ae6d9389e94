"""The audits of a results file, as its run manifest keeps them: letters drawn at random, and what a person found."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, computed_field

from imrllm.trust.bounds import upper_bound


class Verdict(BaseModel):
    """What a person found who compared a letter's values with the letter."""

    model_config = ConfigDict(frozen=True)

    wrong: bool = Field(description="Whether the person changed a value")
    compared: bool = Field(
        description="Whether the person marked the letter as compared; with a changed value it is wrong either way"
    )
    typed_values: int = Field(description="Typed values that the record or the letter states")
    typed_wrong: int = Field(description="Of these, the wrong ones")
    reviewer: str = Field(description="The person's initials")
    on: date = Field(description="The day of the export from the page")


class DrawnLetter(BaseModel):
    """A letter of a draw."""

    model_config = ConfigDict(frozen=True)

    document_id: str
    sha256: str | None = Field(description="SHA-256 of the document, as the row's provenance has it")
    form: str | None = Field(description="Form of the letter, or the year of its decision; null if neither is known")
    verdict: Verdict | None = Field(None, description="Null until a person has compared the letter")


class Audit(BaseModel):
    """Letters drawn at random from the rows with status `ok`, and the verdicts on them."""

    model_config = ConfigDict(frozen=True)

    rows_sha256: str = Field(description="SHA-256 of the results file that the letters were drawn from")
    page_sha256: str = Field(description="SHA-256 of the drawn rows, which the page and its exported verdicts state")
    drawn: date = Field(description="The day of the draw (ISO date)")
    version: str = Field(description="Version of the program that drew")
    seed: int = Field(description="Seed of the random numbers")
    asked: int = Field(description="Number of letters that were asked for")
    ok_letters: int = Field(description="Rows with status ok")
    drawn_from: int = Field(description="Of these, the ones that no earlier audit had a verdict on")
    letters: tuple[DrawnLetter, ...] = Field(description="The drawn letters, in the order of the draw")

    @property
    def name(self) -> str:
        """A short name: the beginning of the page's hash."""
        return self.page_sha256[:12]

    @property
    def done(self) -> tuple[DrawnLetter, ...]:
        """The letters that have a verdict."""
        return tuple(letter for letter in self.letters if letter.verdict)

    @computed_field(description="Letters whose every value was right")  # type: ignore[prop-decorator]
    @property
    def right(self) -> int:
        """Letters whose every value was right."""
        return len(self.done) - self.wrong

    @computed_field(description="Letters with a wrong value")  # type: ignore[prop-decorator]
    @property
    def wrong(self) -> int:
        """Letters with a wrong value."""
        return sum(letter.verdict is not None and letter.verdict.wrong for letter in self.letters)

    @computed_field(description="At most this share of the ok letters is wrong")  # type: ignore[prop-decorator]
    @property
    def bound(self) -> float | None:
        """The one-sided 95% upper bound of the share of wrong letters, from this draw alone; None without a verdict."""
        return upper_bound(self.wrong, len(self.done))
