"""Union-find: whatever is linked, directly or through others, is one tree."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


class Forest(Generic[Node]):
    """Trees of nodes that grow and join."""

    def __init__(self) -> None:
        self._up: dict[Node, Node] = {}

    def find(self, node: Node) -> Node:
        """Return the tree that holds `node`, named by one of its nodes."""
        root = node
        while (above := self._up.setdefault(root, root)) != root:
            root = above
        while (above := self._up[node]) != root:
            self._up[node] = root
            node = above
        return root

    def join(self, one: Node, other: Node) -> None:
        """Make the trees of both nodes one."""
        self._up[self.find(one)] = self.find(other)

    def trees(self) -> Iterable[list[Node]]:
        """Return each tree as the nodes it holds."""
        trees: dict[Node, list[Node]] = defaultdict(list)
        for node in self._up:
            trees[self.find(node)].append(node)
        return trees.values()

    def nodes(self) -> list[Node]:
        """Return every node of every tree."""
        return list(self._up)
