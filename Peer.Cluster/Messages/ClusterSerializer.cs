using Akka.Actor;
using Peer.Actors;

namespace Peer.Cluster.Messages;

/// <summary>Messages between the hosts, rooms and doors of a cluster.</summary>
internal sealed class ClusterSerializer(ExtendedActorSystem system) : MessageSerializer(system)
{
    public override int Identifier => 7701;

    public override string Manifest(object o) => ClusterCodec.ManifestOf(o);

    public override byte[] ToBinary(object obj) => ClusterCodec.Encode(obj);

    protected override object Read(byte[] bytes, string manifest) => ClusterCodec.Decode(bytes, manifest);
}
