namespace Bioscope.Bench;

/// <summary>Something cannot be measured here; the message says why and what to do.</summary>
internal sealed class BenchException(string message) : Exception(message);
