namespace Bioscope.Engine.Import;

/// <summary>What an import read: a row to store, or why something was refused.</summary>
/// <param name="Line">The line of the file, from 1.</param>
/// <param name="Row">A row, or a <see cref="Creators.NewCreator"/>; null for one that was refused.</param>
/// <param name="Problem">The reason, for one that was refused.</param>
internal readonly record struct ImportItem(long Line, object? Row, string? Problem);
