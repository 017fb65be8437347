namespace Bioscope.Engine.Counting;

/// <summary>
/// The distinct members of groups after some blocks, such as the visitors of each country. It never changes, so many questions may go on
/// from it at once, see <see cref="DistinctMembers"/>.
/// </summary>
internal sealed class KnownMembers
{
    private readonly ulong[] _bits; // without groups one for each member
    private readonly byte[] _few; // two groups a member, as in DistinctMembers, where all numbers fit
    private readonly (ushort First, ushort Second)[] _many; // else
    private readonly DistinctPairs _further;
    private readonly long[] _counts;

    /// <param name="bits">Without groups one for each member.</param>
    /// <param name="groups">With groups, by member, each one more than the group's number; 0 is none.</param>
    /// <param name="further">Groups that do not stand there.</param>
    /// <param name="counts">By group, how many members it has.</param>
    /// <param name="total">How many there are in all groups together.</param>
    public KnownMembers(
        ReadOnlySpan<ulong> bits, ReadOnlySpan<(ushort First, ushort Second)> groups, DistinctPairs further, ReadOnlySpan<long> counts, long total)
    {
        (_bits, _few, _many, _further, _counts, Total) = ([.. bits], [], [], further.Copied(), [.. counts], total);
        if (counts.Length > byte.MaxValue)
        {
            _many = [.. groups];
            return;
        }

        _few = new byte[groups.Length * 2];
        for (var member = 0; member < groups.Length; member++)
        {
            (_few[member * 2], _few[(member * 2) + 1]) = ((byte)groups[member].First, (byte)groups[member].Second);
        }
    }

    /// <summary>One more than the highest number of a member that it may know.</summary>
    public int MemberCount => (_bits.Length * 64) + (_few.Length / 2) + _many.Length;

    /// <summary>How many members each group has.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>How many members there are in all groups together.</summary>
    public long Total { get; }

    /// <summary>How much memory it takes, in bytes.</summary>
    public long Bytes => 200 + (_bits.Length * 8L) + _few.Length + (_many.Length * 4L) + _further.Bytes + (_counts.Length * 8L);

    /// <summary>Whether a member is in any group.</summary>
    public bool Has(int member) =>
        _bits.Length > 0 ? Bits.Has(_bits, member)
        : (_few.Length > 0 ? _few[member * 2] : _many[member].First) != 0;

    /// <summary>Whether a member is in a group; without groups in group 0.</summary>
    public bool Has(int group, int member)
    {
        if (_bits.Length > 0)
        {
            return Has(member);
        }

        var (number, (first, second)) = (group + 1, _few.Length > 0 ? (_few[member * 2], _few[(member * 2) + 1]) : _many[member]);
        return (number < DistinctMembers.Further && (first == number || second == number))
            || ((number >= DistinctMembers.Further || second != 0) && _further.Has(group, member));
    }
}
