"""Operations on many keys at once."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, List, Optional

from .arguments import flag, optional_text, query_text, text, whole
from .entry import ListedKey, ListPage, text_of
from .limits import SCAN_TIMEOUT_FACTOR
from .reads import Reads
from .namespace_requests import json_object


class Lists(Reads):
    """The part of :class:`kvasir.Namespace` about many keys at once."""

    def list(
        self,
        prefix: str = "",
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        start: Optional[str] = None,
        end: Optional[str] = None,
        reverse: bool = False,
        values: bool = False,
        versions: bool = False,
    ) -> ListPage:
        """Returns one page of at most 1,000 keys.

        >>> kv.put_many({"user:1": "Ada", "user:2": "Bob"})
        >>> page = kv.list("user:", limit=1, values=True)
        >>> page.keys
        [ListedKey(name='user:1', metadata=None, expiration=None, value='Ada', version=None, damaged=False)]
        >>> [key.name for key in kv.list("user:", cursor=page.cursor).keys]
        ['user:2']

        :param limit: keys of the page
        :param cursor: the cursor of the page before
        :param start: the first key, inclusive
        :param end: the end of the keys, exclusive
        :param reverse: descending order
        :param values: adds the values, as text
        :param versions: adds the versions
        :raises InvalidError: "value_invalid" if a value that was asked for is not UTF-8
        """
        query = query_text(
            {
                # Also if it is empty, because a path without a query means an empty key.
                "prefix": text("prefix", prefix),
                "key_count_limit": None if limit is None else whole("limit", limit),
                "cursor": optional_text("cursor", cursor),
                "start": optional_text("start", start),
                "end": optional_text("end", end),
                "reverse": flag("reverse", reverse),
                "values": flag("values", values),
                "versions": flag("versions", versions),
            }
        )
        page = json_object(self._transport.send("GET", "/" + query))
        return ListPage(self._listed_keys(page["keys"]), page.get("cursor"))

    def keys(
        self,
        prefix: str = "",
        *,
        limit: Optional[int] = None,
        cursor: Optional[str] = None,
        start: Optional[str] = None,
        end: Optional[str] = None,
        reverse: bool = False,
        values: bool = False,
        versions: bool = False,
    ) -> Iterator[ListedKey]:
        """Yields all keys with a prefix. Pages are read on demand. Options are as for :meth:`list`.

        >>> kv.put_many({"user:1": "Ada", "user:2": "Bob", "team:1": "A"})
        >>> [key.name for key in kv.keys("user:", reverse=True)]
        ['user:2', 'user:1']

        :param limit: keys of one page
        """
        while True:
            page = self.list(
                prefix,
                limit=limit,
                cursor=cursor,
                start=start,
                end=end,
                reverse=reverse,
                values=values,
                versions=versions,
            )
            yield from page.keys
            cursor = page.cursor
            if cursor is None:
                return

    def count(self, prefix: str = "") -> int:
        """Returns the number of keys with a prefix.

        >>> kv.count()
        0
        """
        query = query_text({"count": True, "prefix": text("prefix", prefix)})
        return int(json_object(self._transport.send("GET", "/" + query, timeout_factor=SCAN_TIMEOUT_FACTOR))["count"])

    def delete_prefix(self, prefix: str, *, dry_run: bool = False, all: bool = False) -> int:
        """Deletes all keys with a prefix and returns their number.

        >>> kv.put_many({"tmp/1": "", "tmp/2": ""})
        >>> kv.delete_prefix("tmp/", dry_run=True), kv.delete_prefix("tmp/"), kv.count()
        (2, 2, 0)

        :param dry_run: only counts them
        :param all: allows an empty prefix, which deletes everything
        """
        query = query_text(
            {"prefix": text("prefix", prefix), "dry_run": flag("dry_run", dry_run), "all": flag("all", all)}
        )
        reply = self._transport.send("DELETE", "/" + query, timeout_factor=SCAN_TIMEOUT_FACTOR)
        return int(json_object(reply)["count"])

    def _listed_keys(self, keys: List[Dict[str, Any]]) -> List[ListedKey]:
        return [listed for listed in map(self._listed, keys) if listed is not None]

    def _listed(self, key: Dict[str, Any]) -> Optional[ListedKey]:
        metadata, name, value = key.get("metadata"), key["name"], key.get("value")
        # The server writes U+FFFD for bytes that are not UTF-8. A single read tells the difference.
        if value is not None and "\ufffd" in value:
            exact = self.get_bytes(name)
            if exact is None:
                return None
            value = text_of(name, exact)
        return ListedKey(
            name=name,
            # The metadata is a string that contains JSON, which is the form that workerd reads.
            metadata=None if metadata is None else json.loads(metadata),
            expiration=key.get("expiration"),
            value=value,
            version=key.get("version"),
            damaged=key.get("damaged", False),
        )
