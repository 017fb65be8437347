namespace Bioscope.Core;

/// <summary>The kind of device a visitor uses. Reports show it in lower case: <c>mobile</c>, <c>tablet</c>, <c>desktop</c>.</summary>
public enum DeviceClass
{
    /// <summary>A phone, or a player of its size.</summary>
    Mobile,

    /// <summary>A tablet or an e-reader.</summary>
    Tablet,

    /// <summary>A desktop or laptop computer, including Chromebooks.</summary>
    Desktop,
}
