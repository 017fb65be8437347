using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Import.From;

/// <summary>What another tool counted: a load of a page, or a click on a link.</summary>
/// <param name="Visit">Which visit it belongs to, as the tool tells visits apart; or which visitor, where the visit has to be
/// found.</param>
/// <param name="Visitor">What tells visitors apart; only its keyed hash is stored.</param>
/// <param name="At">When.</param>
/// <param name="Facts">Adds what is known about the visit, if it begins here.</param>
internal sealed record Hit(string Visit, string Visitor, DateTimeOffset At, Func<SessionRow, SessionRow> Facts)
{
    /// <summary>The tool's own id; null where it exports none.</summary>
    public string? Id { get; init; }

    public string? Path { get; init; }

    public string? Title { get; init; }

    /// <summary>The link of the page that was clicked, if one was.</summary>
    public Guid? Link { get; init; }

    /// <summary>How long the visit lasted at least, in seconds, where the tool says it.</summary>
    public int VisitDuration { get; init; }
}
