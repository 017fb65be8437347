using System.Globalization;
using System.Security.Cryptography;
using SkiaSharp;

namespace Bioscope.Server.Api.Bio;

/// <summary>
/// An uploaded picture as the page shows it: decoded, cropped to a square and encoded anew, so that nothing of the file but its pixels is
/// left: no place where it was taken, no second file behind the picture.
/// </summary>
/// <param name="Small">A WebP picture of <see cref="SmallSize"/> pixels.</param>
/// <param name="Large">One of <see cref="LargeSize"/> pixels.</param>
internal sealed record AvatarImage(byte[] Small, byte[] Large)
{
    public const int SmallSize = 96, LargeSize = 256;

    /// <summary>The maximum of each of the two pictures.</summary>
    public const int MaxBytes = 40 * 1024;

    /// <summary>The maximum of an upload: a photo of 24 million pixels as phones store it.</summary>
    public const int MaxUploadBytes = 8 * 1024 * 1024;

    // Decoding takes 4 bytes a pixel, one picture at a time. A larger picture is refused before that, by the size in its header.
    private const int MaxSide = 8_192;
    private const int MaxPixels = 24_000_000;

    private static readonly int[] Qualities = [86, 76, 64, 50, 36, 22, 10];

    /// <summary>Part of the pictures' addresses; other pictures have another one.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData([.. Small, .. Large]).AsSpan(0, 12));

    /// <summary>The pictures as addresses that contain them, for a page that only its creator sees.</summary>
    public string LargeAsUrl => AsUrl(Large);

    public string SmallAsUrl => AsUrl(Small);

    private static string AsUrl(byte[] picture) => "data:image/webp;base64," + Convert.ToBase64String(picture);

    /// <returns>The picture, or what is wrong with the file.</returns>
    public static (AvatarImage? Image, string? Problem) Of(byte[] file)
    {
        if (FormatOf(file) is not { } format)
        {
            return (null, IsAvif(file)
                ? "an AVIF picture needs the dashboard's script, which converts it; choose a JPEG, PNG or WebP picture instead"
                : "the picture must be a JPEG, PNG or WebP file");
        }

        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data);
        if (codec is null || codec.EncodedFormat != format)
        {
            return (null, "the picture cannot be read");
        }

        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if (width > MaxSide || height > MaxSide || (long)width * height > MaxPixels)
        {
            return (
                null,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the picture must have at most {MaxPixels / 1_000_000} million pixels, and {MaxSide} on each side"));
        }

        // JPEG can be decoded at a fraction of its size; twice the size needed keeps it sharp.
        var size = codec.GetScaledDimensions(Math.Min(1, 2f * LargeSize / Math.Min(width, height)));
        using var pixels = new SKBitmap(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Premul));
        if (codec.GetPixels(pixels.Info, pixels.GetPixels()) != SKCodecResult.Success)
        {
            return (null, "the picture cannot be read to its end");
        }

        using var image = SKImage.FromBitmap(pixels);
        return (new AvatarImage(Square(image, codec.EncodedOrigin, SmallSize), Square(image, codec.EncodedOrigin, LargeSize)), null);
    }

    // By the file's first bytes, before any decoder sees it: this library knows more formats than people upload.
    private static SKEncodedImageFormat? FormatOf(ReadOnlySpan<byte> file) =>
        file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? SKEncodedImageFormat.Jpeg
        : file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? SKEncodedImageFormat.Png
        : file.Length > 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8) ? SKEncodedImageFormat.Webp
        : null;

    private static bool IsAvif(ReadOnlySpan<byte> file) =>
        file.Length > 12 && (file[4..].StartsWith("ftypavif"u8) || file[4..].StartsWith("ftypavis"u8));

    /// <summary>The middle of the picture as a WebP square, upright.</summary>
    private static byte[] Square(SKImage image, SKEncodedOrigin origin, int size)
    {
        using var surface = SKSurface.Create(new SKImageInfo(size, size, SKColorType.Rgba8888, SKAlphaType.Premul));
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.Transparent);
        canvas.Translate(size / 2f, size / 2f);
        canvas.Scale((float)size / Math.Min(image.Width, image.Height));
        canvas.Concat(Upright(origin));
        canvas.DrawImage(
            image, -image.Width / 2f, -image.Height / 2f, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        using var square = surface.Snapshot();
        var smallest = Array.Empty<byte>();
        foreach (var quality in Qualities)
        {
            using var encoded = square.Encode(SKEncodedImageFormat.Webp, quality);
            smallest = encoded.ToArray();
            if (smallest.Length <= MaxBytes)
            {
                break;
            }
        }

        return smallest;
    }

    // How a camera was held is not in the pixels; see the Orientation of EXIF.
    private static SKMatrix Upright(SKEncodedOrigin origin)
    {
        var (scaleX, skewX, skewY, scaleY) = origin switch
        {
            SKEncodedOrigin.TopRight => (-1, 0, 0, 1),
            SKEncodedOrigin.BottomRight => (-1, 0, 0, -1),
            SKEncodedOrigin.BottomLeft => (1, 0, 0, -1),
            SKEncodedOrigin.LeftTop => (0, 1, 1, 0),
            SKEncodedOrigin.RightTop => (0, -1, 1, 0),
            SKEncodedOrigin.RightBottom => (0, -1, -1, 0),
            SKEncodedOrigin.LeftBottom => (0, 1, -1, 0),
            _ => (1, 0, 0, 1),
        };
        return new SKMatrix(scaleX, skewX, 0, skewY, scaleY, 0, 0, 0, 1);
    }
}
