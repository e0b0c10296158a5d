"""What a program may take a client and a list for, by mistake: a TypeError that says what to write instead.

Type checkers see none of these methods of lists and of `with`: for them a pager has no length and an `AsyncPager` is no
iterable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self, SupportsIndex


class OfOneProcess:
    """Holds connections, so it is neither pickled nor deep-copied. A shallow copy shares them."""

    def __copy__(self) -> Self:
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__)
        return view

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} can be neither pickled nor deep-copied: it holds connections and secrets of this "
            "process. Share it between threads and tasks. Another process makes a client of its own, as with "
            "Astra.from_env(), and is given keys of users and ids."
        )


if TYPE_CHECKING:

    class AsyncListMisuse:
        """Answers what lists can do and an `AsyncPager` cannot."""

    class ListMisuse:
        """Answers what lists can do and a `Pager` cannot."""

    class AsyncWithMisuse:
        """Answers `with`."""

    class WithMisuse:
        """Answers `async with`."""

else:

    class _NotThere(TypeError, AttributeError):
        """Whoever looks by `hasattr` whether there is a length, as Django's templates do, finds none."""

    class _NoLength:
        def __get__(self, pager: object, kind: type[Any]) -> object:
            if pager is None:
                return self
            raise _NotThere(
                f"{kind.__name__} has no length: nobody knows how many items there are before all pages are fetched. "
                f"Write len({kind._await}pager.to_list()), or len(page) for one page from pager.page()."
            )

    class ListMisuse:
        __len__ = _NoLength()
        _article, _await = "a", ""

        def __bool__(self) -> bool:
            raise TypeError(
                f"Whether {self._article} {type(self).__name__} has items is not known before it is fetched. Write "
                f"`{self._await}pager.first() is not None`; to ask whether there is a pager, `pager is not None`."
            )

        def __getitem__(self, position: object) -> NoReturn:
            raise TypeError(
                f"{type(self).__name__} has no positions: it is fetched page by page. Write {self._await}pager.first() "
                f"for the newest item, list(limit=10) for the first ten, or {self._await}pager.to_list() for all."
            )

    class AsyncListMisuse(ListMisuse):
        _article, _await = "an", "await "

        def __iter__(self) -> NoReturn:
            raise TypeError(
                "AsyncPager is not iterated by `for`. Write `async for item in pager`, or get a list: "
                "await pager.to_list()."
            )

        def __await__(self) -> NoReturn:
            raise TypeError(
                "A list is not awaited. Write `async for item in pager`, or await one of its methods: "
                "await pager.to_list(), .first() or .page()."
            )

    class AsyncWithMisuse:
        def __enter__(self) -> NoReturn:
            raise TypeError(
                "AsyncAstra is opened by `async with`, in an async function. In a program without asyncio use "
                "`with Astra(...)`."
            )

        def __exit__(self, *_: object) -> None: ...

    class WithMisuse:
        async def __aenter__(self) -> NoReturn:
            raise TypeError(
                "Astra is the blocking client: it is opened by `with`. In an async function use "
                "`async with AsyncAstra(...)`, whose methods are awaited."
            )

        async def __aexit__(self, *_: object) -> None: ...
