using System.Runtime.InteropServices;

namespace Bioscope.Engine.Columns;

/// <summary>The combinations of values of a <see cref="FactSet"/> that occur, numbered from 0 in the order in which they came.</summary>
internal sealed class FactTable(FactSet set)
{
    private readonly Combinations _read = new(set.Columns.Count);
    private readonly Combinations? _kept = set.Keep is null ? null : new Combinations(1);
    private readonly List<int> _keptCodes = []; // by code of what was read
    private readonly List<int> _numbers = []; // of entries, by code of what is kept
    private readonly List<string?[]> _entries = [];
    private int? _notStored;

    /// <summary>The values that are kept of each combination, by its number; none of a session that is not stored.</summary>
    public IReadOnlyList<string?[]> Entries => _entries;

    /// <summary>The number of the combination of these values, in the order of <see cref="FactSet.Columns"/>; empty text counts as null.</summary>
    public int CodeOf(string?[] values)
    {
        var code = _read.CodeOf(values, out var isNew);
        if (_kept is null)
        {
            return isNew ? Add([.. values]) : _numbers[code];
        }

        if (isNew)
        {
            var kept = set.Keep!(values);
            var keptCode = _kept.CodeOf(kept, out var isNewKept);
            _keptCodes.Add(isNewKept ? Add(kept) : _numbers[keptCode]);
        }

        return _keptCodes[code];
    }

    /// <summary>The number of what is known of a session that is not stored: nothing.</summary>
    public int CodeOfNotStored()
    {
        if (_notStored is null)
        {
            _notStored = _entries.Count;
            _entries.Add([]);
        }

        return _notStored.Value;
    }

    private int Add(string?[] entry)
    {
        _numbers.Add(_entries.Count);
        _entries.Add(entry);
        return _entries.Count - 1;
    }

    /// <summary>
    /// Numbers combinations without a copy of their texts: each text of a column has a number, and what was found so far together with the next
    /// number that is not null leads to the next one.
    /// </summary>
    private sealed class Combinations(int columns)
    {
        private readonly Dictionary<string, int>[] _texts = [.. Enumerable.Range(0, columns).Select(_ => new Dictionary<string, int>(StringComparer.Ordinal))];
        private readonly Dictionary<long, int>[] _steps = [.. Enumerable.Range(0, columns).Select(_ => new Dictionary<long, int>())];
        private readonly Dictionary<int, int> _codes = [];
        private int _nodes;

        public int CodeOf(string?[] values, out bool isNew)
        {
            var node = 0;
            for (var i = 0; i < values.Length; i++)
            {
                if (values[i] is not { Length: > 0 } text)
                {
                    continue;
                }

                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_texts[i], text, out var isKnown);
                number = isKnown ? number : _texts[i].Count - 1;
                ref var next = ref CollectionsMarshal.GetValueRefOrAddDefault(_steps[i], ((long)node << 32) | (uint)number, out isKnown);
                next = isKnown ? next : ++_nodes;
                node = next;
            }

            ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(_codes, node, out var isKnownCode);
            code = isKnownCode ? code : _codes.Count - 1;
            isNew = !isKnownCode;
            return code;
        }
    }
}
