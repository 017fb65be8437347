using System.Collections;
using System.Runtime.CompilerServices;

namespace Bioscope.Engine.Counting;

/// <summary>An immutable list that equals any other with equal items in the same order, as members of records should.</summary>
[CollectionBuilder(typeof(EquatableList), nameof(EquatableList.Create))]
public sealed class EquatableList<T>(T[] items) : IReadOnlyList<T>, IEquatable<EquatableList<T>>
    where T : notnull
{
    private readonly T[] _items = items;

    /// <inheritdoc />
    public int Count => _items.Length;

    /// <inheritdoc />
    public T this[int index] => _items[index];

    /// <inheritdoc />
    public bool Equals(EquatableList<T>? other) => ReferenceEquals(this, other) || (other is not null && _items.AsSpan().SequenceEqual(other._items));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as EquatableList<T>);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var item in _items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc />
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();
}

/// <summary>Creates <see cref="EquatableList{T}"/>s from collection expressions.</summary>
public static class EquatableList
{
    /// <summary>Creates a list of these items.</summary>
    public static EquatableList<T> Create<T>(ReadOnlySpan<T> items)
        where T : notnull => new(items.ToArray());
}
