using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Peer.Protocol.Crypto;

/// <summary>The curve NIST P-256 (SEC 2, secp256r1): scalars from a random source, and the check that a stranger's point lies on it.</summary>
internal static class P256
{
    /// <summary>Bytes of one coordinate or scalar.</summary>
    public const int CoordinateLength = 32;

    /// <summary>Bytes of a public key on the wire, X then Y, big-endian each as in SEC 1.</summary>
    public const int PublicKeyLength = 2 * CoordinateLength;

    private static readonly BigInteger Prime = Parse("0FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF");
    private static readonly BigInteger B = Parse("05AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B");
    private static readonly byte[] Order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    /// <summary>
    /// Whether the 64 bytes are a point of the curve. Asked before the platform sees them, since it answers with an exception, which a
    /// stranger could make us pay for; a public value, so its timing tells nothing. The cofactor is 1: every such point is of full order.
    /// </summary>
    public static bool IsOnCurve(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != PublicKeyLength)
            return false;
        var x = new BigInteger(publicKey[..CoordinateLength], isUnsigned: true, isBigEndian: true);
        var y = new BigInteger(publicKey[CoordinateLength..], isUnsigned: true, isBigEndian: true);
        if (x >= Prime || y >= Prime)
            return false;
        return ((y * y) - (((x * x) - 3) * x) - B) % Prime == BigInteger.Zero;
    }

    /// <summary>A private key, the same for the same bytes of the source: candidates out of range are drawn again.</summary>
    public static ECParameters PrivateKey(IRandomSource random)
    {
        var scalar = new byte[CoordinateLength];

        // Compared as bytes: a number made of them would be a copy that nobody can overwrite.
        do
            random.Fill(scalar);
        while (!scalar.AsSpan().ContainsAnyExcept((byte)0) || scalar.AsSpan().SequenceCompareTo(Order) >= 0);
        return new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar };
    }

    /// <summary>The parameters of a public key that <see cref="IsOnCurve"/> has passed.</summary>
    public static ECParameters PublicKey(ReadOnlySpan<byte> publicKey) => new()
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = publicKey[..CoordinateLength].ToArray(), Y = publicKey[CoordinateLength..].ToArray() },
    };

    /// <summary>Writes X then Y.</summary>
    public static void WritePoint(ECPoint point, Span<byte> publicKey)
    {
        point.X.CopyTo(publicKey);
        point.Y.CopyTo(publicKey[CoordinateLength..]);
    }

    private static BigInteger Parse(string hex) => BigInteger.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
