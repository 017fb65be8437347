using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Bioscope.Server.Web;

/// <summary>
/// Which answers are compressed, by the framework's middleware: those of routes that say so. The length of a compressed answer tells a
/// listener on the network how much of it repeats, so a secret must not stand beside text that a stranger can choose (BREACH). Each place
/// that compresses says why that is so there.
/// </summary>
internal static class Compression
{
    // Less fits into one packet anyway.
    private const int MinBytes = 1_000;

    public static void AddCompression(this IServiceCollection services)
    {
        services.AddResponseCompression(options =>
        {
            // Over TLS, too: that is what the rule above is for.
            options.EnableForHttps = true;
            // Not text/event-stream: an event must not wait for more to compress.
            options.MimeTypes = ["text/html", "application/json", "text/csv", "image/svg+xml"];
            options.Providers.Add<BrotliCompressionProvider>();
            options.Providers.Add<GzipCompressionProvider>();
        });
        services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Optimal);
        services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Optimal);
        services.Replace(ServiceDescriptor.Singleton<IResponseCompressionProvider, OfMarkedRoutes>());
    }

    /// <summary>Answers of these routes are compressed.</summary>
    public static T Compressed<T>(this T routes)
        where T : IEndpointConventionBuilder => routes.WithMetadata(new Mark());

    private sealed record Mark;

    private sealed class OfMarkedRoutes(IServiceProvider services, IOptions<ResponseCompressionOptions> options)
        : ResponseCompressionProvider(services, options)
    {
        public override bool ShouldCompressResponse(HttpContext context) =>
            context.GetEndpoint()?.Metadata.GetMetadata<Mark>() is not null
            && context.Response.ContentLength is null or >= MinBytes
            && base.ShouldCompressResponse(context);
    }
}
