using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bioscope.Engine.Columns;

/// <summary>
/// Whole numbers, each in as few bytes as the largest difference to the smallest needs: 0, 1, 2, 4 or 8. What is kept is what is read, so a
/// column that comes from a database needs no decoding. Bytes are little-endian.
/// </summary>
internal sealed class NumberColumn
{
    // The width, three free bytes, the count, the smallest number.
    private const int HeaderBytes = 16;

    private NumberColumn(byte[] bytes) => Bytes = bytes;

    /// <summary>Header and numbers, as they are stored.</summary>
    public byte[] Bytes { get; }

    /// <summary>How many numbers there are.</summary>
    public int Count => BinaryPrimitives.ReadInt32LittleEndian(Bytes.AsSpan(4));

    /// <summary>The smallest number; 0 when there is none.</summary>
    public long Min => BinaryPrimitives.ReadInt64LittleEndian(Bytes.AsSpan(8));

    private int Width => Bytes[0];

    private ReadOnlySpan<byte> Payload => Bytes.AsSpan(HeaderBytes);

    /// <summary>A number by its place.</summary>
    public long this[int index] => Min + Width switch
    {
        0 when unchecked((uint)index) < (uint)Count => 0,
        1 => Payload[index],
        2 => As<ushort>()[index],
        4 => As<uint>()[index],
        8 => As<long>()[index],
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "There is no number at this place."),
    };

    /// <summary>The column of these numbers.</summary>
    public static NumberColumn Of<T>(ReadOnlySpan<T> numbers)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var (min, max) = numbers.IsEmpty ? (T.Zero, T.Zero) : (T.MaxValue, T.MinValue);
        foreach (var number in numbers)
        {
            min = T.Min(min, number);
            max = T.Max(max, number);
        }

        var start = long.CreateChecked(min);
        var width = WidthOf(checked(long.CreateChecked(max) - start));
        var bytes = new byte[HeaderBytes + (width * numbers.Length)];
        bytes[0] = (byte)width;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), numbers.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), start);
        var payload = bytes.AsSpan(HeaderBytes);
        for (var i = 0; i < numbers.Length && width > 0; i++)
        {
            var offset = long.CreateTruncating(numbers[i]) - start;
            switch (width)
            {
                case 1: payload[i] = (byte)offset; break;
                case 2: MemoryMarshal.Cast<byte, ushort>(payload)[i] = (ushort)offset; break;
                case 4: MemoryMarshal.Cast<byte, uint>(payload)[i] = (uint)offset; break;
                default: MemoryMarshal.Cast<byte, long>(payload)[i] = offset; break;
            }
        }

        return new NumberColumn(bytes);
    }

    /// <summary>A column as it was stored.</summary>
    /// <exception cref="FormatException">The bytes are no column of that many numbers.</exception>
    public static NumberColumn Read(byte[] bytes, int count)
    {
        var isColumn = bytes.Length >= HeaderBytes && bytes[0] is 0 or 1 or 2 or 4 or 8
            && BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)) == count
            && bytes.Length == HeaderBytes + ((long)bytes[0] * count);
        return isColumn ? new NumberColumn(bytes) : throw new FormatException($"{bytes.Length} bytes are no column of {count} numbers.");
    }

    /// <summary>Copies all numbers.</summary>
    public void CopyTo(Span<int> to)
    {
        var min = checked((int)Min);
        to = to[..Count];
        switch (Width)
        {
            case 0: to.Fill(min); break;
            case 1: WidenBytes(Payload, min, to); break;
            case 2: WidenShorts(As<ushort>(), min, to); break;
            case 4: Widen(As<uint>(), min, to); break;
            default: throw new FormatException("A column of 64-bit numbers was to have 32-bit ones.");
        }
    }

    /// <summary>Copies all numbers.</summary>
    public void CopyTo(Span<long> to)
    {
        to = to[..Count];
        switch (Width)
        {
            case 0: to.Fill(Min); break;
            case 1: Widen(Payload, Min, to); break;
            case 2: Widen(As<ushort>(), Min, to); break;
            case 4: Widen(As<uint>(), Min, to); break;
            default: Widen(As<long>(), Min, to); break;
        }
    }

    /// <summary>Copies what stands in a table for each number.</summary>
    public void CopyTo<T>(Span<T> to, ReadOnlySpan<T> table)
    {
        to = to[..Count];
        table = table[checked((int)Min)..];
        switch (Width)
        {
            case 0 when !to.IsEmpty: to.Fill(table[0]); break;
            case 0: break;
            case 1: LookUp(Payload, table, to); break;
            case 2: LookUp(As<ushort>(), table, to); break;
            case 4: LookUp(As<uint>(), table, to); break;
            default: throw new FormatException("A column of 64-bit numbers was to have codes.");
        }
    }

    private ReadOnlySpan<T> As<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Payload);

    private static int WidthOf(long range) => range switch
    {
        0 => 0,
        <= byte.MaxValue => 1,
        <= ushort.MaxValue => 2,
        <= uint.MaxValue => 4,
        _ => 8,
    };

    private static void WidenBytes(ReadOnlySpan<byte> from, int min, Span<int> to)
    {
        var (i, mins) = (0, new Vector<int>(min));
        for (; i <= from.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(from[i..]), out var low, out var high);
            WidenTo(low, mins, to[i..]);
            WidenTo(high, mins, to[(i + Vector<ushort>.Count)..]);
        }

        Widen(from[i..], min, to[i..]);
    }

    private static void WidenShorts(ReadOnlySpan<ushort> from, int min, Span<int> to)
    {
        var (i, mins) = (0, new Vector<int>(min));
        for (; i <= from.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            WidenTo(new Vector<ushort>(from[i..]), mins, to[i..]);
        }

        Widen(from[i..], min, to[i..]);
    }

    private static void WidenTo(Vector<ushort> numbers, Vector<int> mins, Span<int> to)
    {
        Vector.Widen(numbers, out var low, out var high);
        (Vector.AsVectorInt32(low) + mins).CopyTo(to);
        (Vector.AsVectorInt32(high) + mins).CopyTo(to[Vector<int>.Count..]);
    }

    // AggressiveOptimization: compiled well at the first call, which may be of a large column.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen<TFrom, TTo>(ReadOnlySpan<TFrom> from, TTo min, Span<TTo> to)
        where TFrom : unmanaged, IBinaryInteger<TFrom>
        where TTo : unmanaged, IBinaryInteger<TTo>
    {
        for (var i = 0; i < to.Length && i < from.Length; i++)
        {
            to[i] = unchecked(min + TTo.CreateTruncating(from[i]));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LookUp<TFrom, TTo>(ReadOnlySpan<TFrom> from, ReadOnlySpan<TTo> table, Span<TTo> to)
        where TFrom : unmanaged, IBinaryInteger<TFrom>
    {
        for (var i = 0; i < to.Length && i < from.Length; i++)
        {
            to[i] = table[int.CreateTruncating(from[i])];
        }
    }
}
