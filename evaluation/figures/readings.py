"""A mean as it is shown: with its interval and how many answered, or with the reason why there is no number."""

from dataclasses import dataclass

from evaluation.figures import numbers


@dataclass(frozen=True)
class Reading:
    """One mean; `why` stands where there is no number to show; `bound` "above" or "below" says it is only known to be beyond."""

    mean: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    why: str = ""
    bound: str = ""

    def interval(self, decimals: int) -> str:
        """"5.9 to 6.3", or nothing."""
        return "" if self.low is None or self.high is None else numbers.between(self.low, self.high, decimals)

    def words(self, decimals: int) -> str:
        """"6.1 (5.9 to 6.3), 420 answers", or why there is no number."""
        if self.mean is None:
            return self.why
        interval = self.interval(decimals)
        people = "" if self.n is None else f", {numbers.several(self.n, 'answer')}"
        return f"{self.level(decimals)}{f' ({interval})' if interval else ''}{people}"

    def level(self, decimals: int) -> str:
        """"6.1", "above 95", or why there is no number."""
        if self.mean is None:
            return self.why
        shown = numbers.plain(self.mean, decimals)
        return f"{self.bound} {shown}" if self.bound else shown


def difference(before: Reading, after: Reading, decimals: int) -> float | None:
    """The difference of two means as shown, so that a reader who subtracts gets the same; None where one is hidden or a bound."""
    if before.mean is None or after.mean is None or before.bound or after.bound:
        return None
    return numbers.rounded(numbers.rounded(after.mean, decimals) - numbers.rounded(before.mean, decimals), decimals)
