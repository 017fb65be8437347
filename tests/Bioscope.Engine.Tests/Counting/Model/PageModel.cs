using Bioscope.Core;
using Bioscope.Engine.Counting;

namespace Bioscope.Engine.Tests.Counting.Model;

/// <summary>A session as a test writes it.</summary>
/// <param name="StartedAt">In milliseconds since 1970.</param>
/// <param name="Visitor">Any number that tells visitors apart.</param>
/// <param name="PageViews">How many it has; −1 where that is unknown.</param>
/// <param name="Seconds">How long it took; −1 where that is unknown.</param>
/// <param name="Facts">Its columns by name; a column that is not there is null.</param>
internal sealed record ModelSession(long StartedAt, int Visitor, int PageViews, int Seconds, IReadOnlyDictionary<string, string?> Facts)
{
    /// <summary>The value of a dimension of sessions, as the contract words it; null where it is unknown.</summary>
    public string? ValueOf(string dimension, Naming naming)
    {
        var placement = naming.Placements.FirstOrDefault(placement => placement.Id == Fact("placement"));
        var value = dimension switch
        {
            "source" => RuleOf(naming)?.Name ?? Source(placement).Source,
            "channel" => RuleOf(naming) is { Name: { } name } rule
                ? rule.Channel ?? SourceName.Named(name)?.Channel ?? Source(placement).Channel
                : Source(placement).Channel,
            "rung" => Source(placement).Rung,
            "placement" => placement?.Label,
            "hidden" => (RuleOf(naming)?.Hide ?? (naming.HidesSpam && Fact("referrerDomain") == "buy.semalt.com")) ? "hidden" : null,
            "referrerDomain" => Fact("referrerDomain") is { Length: > 0 } domain ? domain : "direct",
            "referrer" => Fact("referrer") is { Length: > 0 } ? Fact("referrerDomain") + "/path" : Fact("referrerDomain"),
            "clickId" => Fact("clickIdKind"),
            "app" => Fact("inAppBrowser"),
            "country" => Fact("countryCode") is { Length: > 0 } code ? code : Fact("country"),
            _ => Fact(dimension),
        };
        return value is { Length: 0 } ? null : value;
    }

    // The first rule that matches.
    private NamingRule? RuleOf(Naming naming) =>
        naming.Rules.FirstOrDefault(rule => FilterMatch.Holds(rule.Match, ValueOf(rule.Match.Dimension.Name, naming)));

    public string? Fact(string column) => Facts.GetValueOrDefault(column);

    // The ladder has tests of its own.
    private SessionSource Source(PlacementName? placement) => AttributionLadder.Of(new SessionFacts
    {
        PlacementSource = placement?.Source,
        Attribution = new Attribution(
            OrNull("utmSource"), OrNull("utmMedium"), OrNull("utmCampaign"), OrNull("utmTerm"), OrNull("utmContent"), OrNull("clickIdKind"))
        {
            Ref = OrNull("ref"),
        },
        ReferrerDomain = OrNull("referrerDomain"),
        App = OrNull("inAppBrowser"),
        RequestedWith = OrNull("requestedWith"),
    });

    private string? OrNull(string column) => Fact(column) is { Length: > 0 } value ? value : null;
}

/// <summary>A page view as a test writes it.</summary>
/// <param name="EnteredAt">In milliseconds since 1970.</param>
/// <param name="Session">The place of its session; the number of sessions or more where that is not stored.</param>
/// <param name="Link">The link that was clicked; null for none.</param>
internal sealed record ModelView(long EnteredAt, int Session, string? Link);

/// <summary>All sessions of a page, in the order of time, and all its page views.</summary>
internal sealed record PageModel(IReadOnlyList<ModelSession> Sessions, IReadOnlyList<ModelView> Views)
{
    private readonly Lazy<Dictionary<int, int>> _first = new(() =>
        Sessions.Select((session, place) => (session.Visitor, place)).GroupBy(pair => pair.Visitor)
            .ToDictionary(group => group.Key, group => group.Min(pair => pair.place)));

    /// <summary>The columns of a session's facts.</summary>
    public static readonly IReadOnlyList<string> Columns = [.. Engine.Columns.FactSet.All.SelectMany(set => set.Columns).Distinct()];

    /// <summary>The session of a page view; null where it is not stored.</summary>
    public ModelSession? SessionOf(int session) => session < Sessions.Count ? Sessions[session] : null;

    /// <summary>Whether its visitor had a session before.</summary>
    public bool IsReturning(int session) => _first.Value[Sessions[session].Visitor] < session;
}
