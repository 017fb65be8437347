namespace Bioscope.Core;

/// <summary>What a <c>User-Agent</c> header tells about its sender; null where it does not tell.</summary>
/// <param name="Device">The kind of device, as <see cref="UserAgent.Device"/> has it.</param>
/// <param name="Browser">
/// The browser under the name that people know: <c>Safari</c>, <c>Chrome</c>, <c>Samsung Internet</c>. Inside an app it is the app, because
/// that is what the visitor looks at: <c>Instagram</c>, never the <c>Safari</c> or <c>Chrome</c> that the app is built on. An app that does not
/// name itself is <c>WebView</c>. Brave and Arc are <c>Chrome</c>: they send the same text.
/// </param>
/// <param name="Os">The operating system: <c>iOS</c> (of iPads too), <c>Android</c>, <c>Windows</c>, <c>macOS</c>, <c>Linux</c>, …</param>
/// <param name="OsVersion">Its version as <c>18.3</c> or <c>14</c>, where the text can be believed; <c>10</c> of Windows is 10 or 11.</param>
/// <param name="InAppBrowser">The app whose own browser shows the page, or null in an ordinary browser.</param>
public readonly record struct UserAgentFacts(DeviceClass? Device, string? Browser, string? Os, string? OsVersion, string? InAppBrowser);
