namespace Bioscope.Core;

/// <summary>
/// Names the source of a session from its facts: the first rung that says something decides. Called when a question is asked, so that a
/// better table of names acts on the past too.
/// </summary>
public static class AttributionLadder
{
    /// <summary>The source of sessions of which nothing is known.</summary>
    public const string NoSource = "Direct / None";

    private const string NoDomain = "direct";

    private static readonly SessionSource None = new(NoSource, Channel.Direct, Rung.None);

    /// <summary>The networks of one company, which share <c>fbclid</c>.</summary>
    private static readonly string[] MetaNetworks = ["Facebook", "Instagram", "Messenger", "Threads", "WhatsApp", "Workplace", "Meta"];

    /// <summary>The source, its channel, and the rung that decided.</summary>
    public static SessionSource Of(SessionFacts facts)
    {
        if (!string.IsNullOrWhiteSpace(facts.PlacementSource))
        {
            return OfPlacement(facts.PlacementSource.Trim());
        }

        var tags = facts.Attribution;
        if (SourceTag.Of(tags.UtmSource ?? tags.Ref) is { } tag)
        {
            return new SessionSource(tag.Name, TagChannel(tag, tags), Rung.Tag);
        }

        // The medium alone gives a channel, the rungs below the source.
        var below = OfClickId(tags.ClickId, facts) ?? OfReferrer(facts) ?? OfApp(facts) ?? None;
        return UtmMedium.ChannelOf(tags.UtmMedium, below == None ? null : below.Channel) is { } channel
            ? below with { Channel = channel, Rung = Rung.Tag }
            : below;
    }

    private static SessionSource OfPlacement(string source) =>
        SourceName.Named(source) is { } known || (known = SourceTag.Of(source)?.Known) is not null
            ? new SessionSource(known.Name, known.Channel, Rung.Placement)
            : new SessionSource(source, Channel.Referral, Rung.Placement);

    private static string TagChannel(TagSource tag, Attribution tags)
    {
        var channel = UtmMedium.ChannelOf(tags.UtmMedium, tag.Known?.Channel);
        if (tag.IsPaid)
        {
            return channel is Channel.PaidSearch or Channel.PaidSocial or Channel.PaidVideo or Channel.PaidOther or Channel.Display
                ? channel
                : Channel.Paid(tag.Known?.Channel);
        }

        // A paid click id of the same source says that it was paid, where no medium says anything else.
        return channel
            ?? (ClickIds.Network(tags.ClickId) is { IsPaid: true } network && network.Source == tag.Known?.Name ? network.Channel : null)
            ?? tag.Known?.Channel
            ?? Channel.Referral;
    }

    private static SessionSource? OfClickId(string? clickId, SessionFacts facts)
    {
        if (ClickIds.Network(clickId) is not { } network)
        {
            return null;
        }

        // It says no more than that it was one of Meta's networks, which the rungs below may name.
        return (network.Source == ClickIds.Meta ? NamedMeta(OfReferrer(facts)) ?? NamedMeta(OfApp(facts)) : null)
            ?? new SessionSource(network.Source, network.Channel, Rung.ClickId);
    }

    private static SessionSource? NamedMeta(SessionSource? source) =>
        source is not null && MetaNetworks.Contains(source.Source) ? source : null;

    private static SessionSource? OfReferrer(SessionFacts facts) => facts.ReferrerDomain is null or "" or NoDomain ? null
        : SourceName.Of(facts.ReferrerDomain) is { } known ? new SessionSource(known.Name, known.Channel, Rung.Referrer)
        : new SessionSource(facts.ReferrerDomain, Channel.Referral, Rung.Referrer);

    private static SessionSource? OfApp(SessionFacts facts)
    {
        var known = facts.App is null ? null : SourceName.Named(facts.App) ?? SourceTag.Of(facts.App)?.Known;
        known ??= facts.RequestedWith is null ? null : SourceName.OfPackage(facts.RequestedWith.Trim());
        return known is null ? null : new SessionSource(known.Name, known.Channel, Rung.App);
    }
}
