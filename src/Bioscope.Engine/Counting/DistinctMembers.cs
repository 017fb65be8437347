using System.Buffers;
using System.Runtime.CompilerServices;
using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>
/// Counts distinct members of groups, such as the visitors of each country. Most members are in one group or two, which stand in an array by
/// member; only further ones are looked for among pairs. Where it goes on from what is known, the array has only members that come after those.
/// </summary>
internal sealed class DistinctMembers : IDisposable
{
    /// <summary>A group stands in the array by one more than its number; those from here on are looked for among pairs.</summary>
    public const ushort Further = ushort.MaxValue;

    private const int Chunk = 256;

    // Stands among pairs for whatever group it is.
    private const int AnyGroup = int.MaxValue;

    private readonly bool _isGrouped;
    private readonly KnownMembers? _known;
    private readonly int _first; // the first member that the arrays have
    private readonly (ushort First, ushort Second)[] _groups; // by member, each one more than the group's number; 0 is none
    private readonly ulong[] _bits; // without groups one for each member
    private readonly DistinctPairs _further;
    private readonly Action<long> _take;
    private readonly long _bytes;
    private readonly int _memberCount; // in the arrays
    private long[] _counts = new long[1];
    private int _groupCount = 1;

    /// <param name="memberCount">Members have numbers from 0 to this, not included.</param>
    /// <param name="isGrouped">Whether there is more than one group.</param>
    /// <param name="known">What to go on from: groups and members have the same numbers, and there may be more of them.</param>
    /// <param name="take">Told how many bytes more are needed, before they are; fewer than none when they are given back.</param>
    public DistinctMembers(int memberCount, bool isGrouped, KnownMembers? known, Action<long> take)
    {
        (_isGrouped, _known, _take, _first) = (isGrouped, known, take, known?.MemberCount ?? 0);
        _memberCount = Math.Max(0, memberCount - _first);
        _bytes = isGrouped ? _memberCount * 4L : _memberCount / 8;
        take(_bytes);
        _further = new DistinctPairs(take);
        _bits = isGrouped ? [] : new ulong[Bits.Words(_memberCount)];
        _groups = isGrouped ? ArrayPool<(ushort, ushort)>.Shared.Rent(_memberCount) : [];
        _groups.AsSpan(0, isGrouped ? _memberCount : 0).Clear();
        if (known is not null)
        {
            (_counts, Total) = ([.. known.Counts], known.Total);
        }
    }

    /// <summary>How many distinct members there are in all groups together.</summary>
    public long Total { get; private set; }

    /// <summary>How many distinct members a group has.</summary>
    public long CountOf(int group) => group < _counts.Length ? _counts[group] : 0;

    /// <summary>Adds members to groups.</summary>
    /// <param name="rows">What is added, by its place in the other lists.</param>
    /// <param name="groups">The number of each one's group, from 0; none where there is one only.</param>
    /// <param name="members">The number of each member; <see cref="RowBlock.Unknown"/> ones are left out.</param>
    /// <param name="groupCount">One more than the highest number of a group.</param>
    public void Add(ReadOnlySpan<int> rows, ReadOnlySpan<int> groups, ReadOnlySpan<int> members, int groupCount)
    {
        Reserve(groupCount);
        if (_known is null && !_isGrouped)
        {
            AddToOnly(rows, members);
            return;
        }

        Span<int> later = stackalloc int[Chunk];
        while (!rows.IsEmpty)
        {
            scoped var chunk = rows[..Math.Min(Chunk, rows.Length)];
            rows = rows[chunk.Length..];
            chunk = _known is null ? chunk : AddKnown(_known, chunk, groups, members, later);
            if (_isGrouped)
            {
                AddChunk(chunk, groups, members);
            }
            else
            {
                AddToOnly(chunk, members);
            }
        }
    }

    /// <summary>What was added, to go on from; to be asked only of what does not itself go on from other members.</summary>
    /// <param name="memberCount">One more than the highest number of a member that was added.</param>
    public KnownMembers Copied(int memberCount)
    {
        var count = Math.Min(memberCount, _memberCount);
        return new KnownMembers(
            _bits.AsSpan(0, _isGrouped ? 0 : Bits.Words(count)),
            _groups.AsSpan(0, _isGrouped ? count : 0),
            _further,
            _counts.AsSpan(0, _groupCount),
            Total);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_groups.Length > 0)
        {
            ArrayPool<(ushort, ushort)>.Shared.Return(_groups);
        }

        _take(-_bytes - _further.Taken);
    }

    /// <summary>Adds the members of a chunk that may be known.</summary>
    /// <param name="known">What is known.</param>
    /// <param name="rows">The chunk.</param>
    /// <param name="groups">By row, its group.</param>
    /// <param name="members">By row, its member.</param>
    /// <param name="later">Takes the other rows.</param>
    /// <returns>The other rows.</returns>
    private ReadOnlySpan<int> AddKnown(
        KnownMembers known, ReadOnlySpan<int> rows, ReadOnlySpan<int> groups, ReadOnlySpan<int> members, Span<int> later)
    {
        var count = 0;
        foreach (var row in rows)
        {
            var (group, member) = (groups.IsEmpty ? 0 : groups[row], members[row]);
            if (member == RowBlock.Unknown || member >= _first)
            {
                later[count++] = row;
            }
            else if (!known.Has(group, member) && _further.Add(group, member))
            {
                _counts[group]++;
                Total += !known.Has(member) && _further.Add(AnyGroup, member) ? 1 : 0;
            }
        }

        return later[..count];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddToOnly(ReadOnlySpan<int> rows, ReadOnlySpan<int> members)
    {
        var total = 0;
        foreach (var row in rows)
        {
            var member = members[row];
            if (member != RowBlock.Unknown)
            {
                ref var word = ref _bits[(member - _first) >> 6];
                var bit = Bits.Of(member - _first);
                total += (word & bit) == 0 ? 1 : 0;
                word |= bit;
            }
        }

        Total += total;
        _counts[0] += total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddChunk(ReadOnlySpan<int> rows, ReadOnlySpan<int> groups, ReadOnlySpan<int> members)
    {
        // Members are all over the memory: without a decision between one and the next, the processor waits for many of them at once.
        Span<ushort> firsts = stackalloc ushort[Chunk];
        var first = _first;
        for (var i = 0; i < rows.Length; i++)
        {
            var member = members[rows[i]];
            firsts[i] = member == RowBlock.Unknown ? Further : _groups[member - first].First;
        }

        var (counts, total) = (_counts, 0);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            var (group, member) = (groups[row], members[row]);
            if ((firsts[i] == group + 1 && firsts[i] != Further) || member == RowBlock.Unknown)
            {
                continue;
            }

            ref var known = ref _groups[member - first];
            if (known.First == 0 && group + 1 < Further)
            {
                known.First = (ushort)(group + 1);
                counts[group]++;
                total++;
                continue;
            }

            total += known.First == 0 ? 1 : 0;
            counts[group] += IsNew(ref known, group, member) ? 1 : 0;
        }

        Total += total;
    }

    // Of a member that is in another group already, or of a group whose number does not fit beside it.
    private bool IsNew(ref (ushort First, ushort Second) known, int group, int member)
    {
        if (group + 1 >= Further)
        {
            known.First = known.First == 0 ? Further : known.First;
            return _further.Add(group, member);
        }

        var number = (ushort)(group + 1);
        if (known.First == number || known.Second == number)
        {
            return false;
        }

        if (known.Second == 0)
        {
            known.Second = number;
            return true;
        }

        return _further.Add(group, member);
    }

    private void Reserve(int groupCount)
    {
        _groupCount = Math.Max(_groupCount, groupCount);
        if (groupCount > _counts.Length)
        {
            Array.Resize(ref _counts, Math.Max(groupCount, _counts.Length * 2));
        }
    }
}
