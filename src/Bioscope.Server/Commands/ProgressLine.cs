namespace Bioscope.Server.Commands;

/// <summary>
/// Shows the progress of long work on standard error: on a terminal one line that is overwritten, elsewhere one line every two seconds,
/// so that logs stay readable and standard output stays clean.
/// </summary>
internal sealed class ProgressLine(string what) : IDisposable
{
    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(2);

    // Real time, because a person reads it.
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private long _reported = Clock.GetTimestamp();
    private int _shown;

    public void Report(string progress)
    {
        if (Clock.GetElapsedTime(_reported) < (_isTerminal ? OnTerminal : Elsewhere))
        {
            return;
        }

        _reported = Clock.GetTimestamp();
        if (_isTerminal)
        {
            Rewrite($"{what}: {progress}");
        }
        else
        {
            Console.Error.WriteLine($"{what}: {progress}");
        }
    }

    /// <summary>A permanent line above the progress.</summary>
    public void WriteError(string line)
    {
        Rewrite("");
        Console.Error.WriteLine(line);
    }

    public void Dispose() => Rewrite("");

    private void Rewrite(string text)
    {
        if (_isTerminal && (_shown > 0 || text.Length > 0))
        {
            Console.Error.Write('\r' + text.PadRight(_shown) + (text.Length == 0 ? "\r" : ""));
        }

        _shown = text.Length;
    }
}
