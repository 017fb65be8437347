using System.Buffers;
using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>Arrays for a moment: all go back to the pool together. What stands in them at first is left over from others.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly List<(Array Array, Action<Array> Return)> _rented = [];

    /// <summary>An array of at least that length.</summary>
    public T[] Array<T>(int length)
    {
        var array = ArrayPool<T>.Shared.Rent(length);
        _rented.Add((array, static rented => ArrayPool<T>.Shared.Return((T[])rented)));
        return array;
    }

    /// <summary>The first so many of an array.</summary>
    public Span<T> Span<T>(int length) => Array<T>(length).AsSpan(0, length);

    /// <summary>The numbers of a column.</summary>
    public Span<int> Copy(NumberColumn column)
    {
        var numbers = Span<int>(column.Count);
        column.CopyTo(numbers);
        return numbers;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var (array, giveBack) in _rented)
        {
            giveBack(array);
        }

        _rented.Clear();
    }
}
