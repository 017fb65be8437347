namespace Bioscope.Core;

/// <summary>What a <c>User-Agent</c> header says about its sender; null where it says nothing.</summary>
/// <param name="Device">The kind of device, see <see cref="UserAgent.Device"/>.</param>
/// <param name="Browser">The browser's common name: <c>Safari</c>, <c>Chrome</c>, <c>Samsung Internet</c>. Inside an app it is the app,
/// because that is what the visitor uses: <c>Instagram</c>, never the <c>Safari</c> or <c>Chrome</c> that the app is built on. An app
/// that does not name itself is <c>WebView</c>. Brave and Arc are <c>Chrome</c>: they send the same text.</param>
/// <param name="Os">The operating system: <c>iOS</c> (including iPads), <c>Android</c>, <c>Windows</c>, <c>macOS</c>, <c>Linux</c>,
/// …</param>
/// <param name="OsVersion">Its version, such as <c>18.3</c> or <c>14</c>, where the text is reliable; for Windows <c>10</c> means 10 or
/// 11.</param>
/// <param name="InAppBrowser">The app in whose built-in browser the page is shown, or null in an ordinary browser.</param>
public readonly record struct UserAgentFacts(DeviceClass? Device, string? Browser, string? Os, string? OsVersion, string? InAppBrowser);
