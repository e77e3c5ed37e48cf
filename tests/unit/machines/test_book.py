"""The book of changes: what is remembered holds until a change names what it stands on, and never a moment longer."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.credentials.changes import Change, ChangesPage, CredentialBook, subjects_of

SUBJECTS = ("user_1", "user_2", "key_1", "session_1", "org_1", "machine_1")


@dataclass
class Feed:
    """What a database tells: all changes, those up to `forgotten` no longer, a few at a time."""

    page: int
    changes: list[Change] = field(default_factory=list)
    forgotten: int = 0

    @property
    def newest(self) -> int:
        return len(self.changes)

    def change(self, subject: str) -> None:
        self.changes.append(Change(len(self.changes) + 1, subject))

    def after(self, number: int) -> ChangesPage:
        told = [each for each in self.changes if each.number > max(number, self.forgotten)][: self.page]
        return ChangesPage(told, self.forgotten, self.newest, has_more=len(told) == self.page)

    def followed_by(self, book: CredentialBook) -> None:
        has_more = True
        while has_more:
            page = self.after(book.number)
            book.take(page)
            has_more = page.has_more


steps = st.lists(
    st.one_of(
        st.tuples(st.just("change"), st.sampled_from(SUBJECTS)),
        st.tuples(st.just("remember"), st.sampled_from(SUBJECTS)),
        st.tuples(st.just("follow"), st.none()),
        st.tuples(st.just("forget"), st.integers(0, 5)),
    ),
    max_size=80,
)


@given(steps, st.integers(1, 3), st.integers(1, 6))
def test_nothing_holds_that_changed_since_it_was_known(
    history: list[tuple[str, object]], page: int, subjects_max: int
) -> None:
    feed, book = Feed(page), CredentialBook(subjects_max)
    remembered: list[tuple[int, str]] = []
    for verb, what in history:
        if verb == "change":
            feed.change(str(what))
        elif verb == "remember":
            remembered.append((feed.newest, str(what)))
        elif verb == "forget":
            assert isinstance(what, int)
            feed.forgotten = max(feed.forgotten, feed.newest - what)
        else:
            feed.followed_by(book)
    feed.followed_by(book)
    for as_of, subject in remembered:
        has_changed = any(each.subject == subject and each.number > as_of for each in feed.changes)
        if has_changed:
            assert not book.holds(as_of, [subject])


@given(st.lists(st.sampled_from(SUBJECTS), max_size=30))
def test_what_was_known_last_holds_and_so_does_whatever_never_changed(changes: list[str]) -> None:
    feed, book = Feed(page=7), CredentialBook()
    for subject in changes:
        feed.change(subject)
    feed.followed_by(book)
    assert book.holds(feed.newest, SUBJECTS)
    assert all(book.holds(0, [subject]) for subject in SUBJECTS if subject not in changes)


def test_a_book_that_missed_what_is_no_longer_told_believes_nothing_from_before() -> None:
    feed, book = Feed(page=10), CredentialBook()
    feed.change("user_1")
    feed.followed_by(book)
    for _ in range(5):
        feed.change("user_2")
    feed.forgotten = 4
    feed.followed_by(book)
    assert not book.holds(3, ["user_9"])
    assert book.holds(6, ["user_2", "user_9"])


def test_numbers_that_begin_anew_are_noticed() -> None:
    book = CredentialBook()
    book.take(ChangesPage([Change(40, "user_1")], 0, 40, has_more=False))
    book.take(ChangesPage([], 0, 12, has_more=False))
    assert (book.restarts, book.number) == (1, 12)
    assert book.holds(12, ["user_1"])


def test_the_book_is_bounded() -> None:
    feed, book = Feed(page=1000), CredentialBook(subjects_max=10)
    for number in range(500):
        feed.change(f"user_{number}")
    feed.followed_by(book)
    assert len(book._last) == 10
    assert not book.holds(489, ["user_0"])
    assert book.holds(490, ["user_0"])


def test_a_caller_stands_on_all_that_it_came_by() -> None:
    caller = Caller("user_1", CallerKind.USER, {"org_1": "owner"}, session_id="session_1", key_id="key_1")
    assert set(subjects_of(caller)) == {"user_1", "session_1", "key_1", "org_1"}
    assert subjects_of(Caller("billing", CallerKind.SERVICE)) == ("billing",)
