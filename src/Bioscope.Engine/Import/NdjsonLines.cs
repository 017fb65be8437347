using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Bioscope.Engine.Import;

/// <summary>The lines of a stream, plain or gzip-compressed (detected by its first two bytes).</summary>
internal static class NdjsonLines
{
    private const int MaxLineBytes = 1024 * 1024;

    /// <summary>
    /// Each non-blank line with its number, from 1. A line longer than 1 MiB is returned as null and skipped without being held in
    /// memory. The last line needs no line break.
    /// </summary>
    /// <exception cref="InvalidDataException">Compressed data is damaged or ends too early; the lines before it were valid.</exception>
    public static async IAsyncEnumerable<(long Number, ReadOnlyMemory<byte>? Line)> ReadAsync(
        Stream input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(input);
        if (await IsGzipAsync(reader, cancellationToken))
        {
            reader = PipeReader.Create(new WholeGzipStream(reader.AsStream()));
        }

        await foreach (var line in SplitAsync(reader, cancellationToken))
        {
            yield return line;
        }
    }

    private static async IAsyncEnumerable<(long Number, ReadOnlyMemory<byte>? Line)> SplitAsync(
        PipeReader reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 1L;
        var tooLong = false;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var rest = result.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                var line = rest.Slice(0, end);
                if (tooLong || line.Length > MaxLineBytes)
                {
                    yield return (number, null);
                }
                else if (!IsBlank(line))
                {
                    yield return (number, line.ToArray());
                }

                (tooLong, number) = (false, number + 1);
                rest = rest.Slice(rest.GetPosition(1, end));
            }

            if (rest.Length > MaxLineBytes)
            {
                tooLong = true;
                rest = rest.Slice(rest.End);
            }

            if (result.IsCompleted)
            {
                if (tooLong)
                {
                    yield return (number, null);
                }
                else if (!IsBlank(rest))
                {
                    yield return (number, rest.ToArray());
                }

                yield break;
            }

            reader.AdvanceTo(rest.Start, rest.End);
        }
    }

    private static async Task<bool> IsGzipAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        var start = await reader.ReadAtLeastAsync(2, cancellationToken);
        var isGzip = start.Buffer.Length >= 2 && start.Buffer.Slice(0, 2).ToArray() is [0x1F, 0x8B];
        reader.AdvanceTo(start.Buffer.Start);
        return isGzip;
    }

    private static bool IsBlank(ReadOnlySequence<byte> line)
    {
        foreach (var part in line)
        {
            if (part.Span.ContainsAnyExcept(" \t\r"u8))
            {
                return false;
            }
        }

        return true;
    }
}
