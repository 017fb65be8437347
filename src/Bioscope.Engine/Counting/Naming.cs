namespace Bioscope.Engine.Counting;

/// <summary>
/// What a creator says of where her visits come from. It is read when a question is asked, so what she changes acts on the past too. Two equal
/// ones have equal values: it is part of the question.
/// </summary>
/// <param name="Placements">Every placement link of the page, the removed ones too: their visits keep what they were.</param>
public sealed record Naming(EquatableList<PlacementName> Placements)
{
    /// <summary>Nothing is said.</summary>
    public static Naming None { get; } = new([]);

    /// <summary>The placement link with this id; null when the page has none.</summary>
    public PlacementName? Placement(string? id) => string.IsNullOrEmpty(id) ? null : Placements.FirstOrDefault(placement => placement.Id == id);
}

/// <summary>A placement link.</summary>
/// <param name="Id">As sessions have it.</param>
/// <param name="Source">What source its visits are.</param>
/// <param name="Label">What the creator calls it.</param>
public sealed record PlacementName(string Id, string Source, string Label);
