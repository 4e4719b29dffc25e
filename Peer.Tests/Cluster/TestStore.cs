using System.Buffers.Binary;
using System.Collections.Concurrent;
using Peer.Actors;
using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>A store that can be told to be slow, or to fail, and that writes down what it is asked for.</summary>
internal sealed class TestStore : IRoomStore
{
    private readonly ConcurrentDictionary<string, byte[]> _rooms = new();
    private volatile Task _gate = Task.CompletedTask;
    private int _busy;

    /// <summary>Calls as they began and ended.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Whether two calls ran at a time, which the contract excludes.</summary>
    public bool HasOverlapped { get; private set; }

    /// <summary>What the next calls throw before they return a task; null for nothing.</summary>
    public Exception? Thrown { get; set; }

    /// <summary>Calls end when this does, and as it does.</summary>
    public Task Gate
    {
        get => _gate;
        set => _gate = value;
    }

    /// <summary>The last call's word on whether it is still wanted.</summary>
    public CancellationToken LastToken { get; private set; }

    public int Of(string room) => _rooms.TryGetValue(room, out var state) ? BinaryPrimitives.ReadInt32LittleEndian(state) : 0;

    public async Task<ReadOnlyMemory<byte>> LoadAsync(string key, CancellationToken cancellation)
    {
        LastToken = cancellation;
        Calls.Enqueue($"load {key}");
        await _gate.WaitAsync(cancellation);
        return _rooms.GetValueOrDefault(key);
    }

    /// <summary>Not an async method: what it throws is thrown at the caller.</summary>
    public Task StoreAsync(string key, ReadOnlyMemory<byte> state, CancellationToken cancellation)
    {
        LastToken = cancellation;
        if (Thrown is { } failure)
            throw failure;
        return StoreWhenOpenAsync(key, state.ToArray(), cancellation);
    }

    private async Task StoreWhenOpenAsync(string key, byte[] state, CancellationToken cancellation)
    {
        HasOverlapped |= Interlocked.Increment(ref _busy) > 1;
        try
        {
            Calls.Enqueue($"store {BinaryPrimitives.ReadInt32LittleEndian(state)}");
            await _gate.WaitAsync(cancellation);
            _rooms[key] = state;
            Calls.Enqueue("stored");
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
        }
    }
}

/// <summary>Counts what it hears and answers with the count before; stores it at each hundredth.</summary>
internal sealed class CountingRoom(TestStore store, int every = 100) : Room
{
    private int _count;

    protected internal override void OnOpened(ReadOnlyMemory<byte> state, bool isMoved)
    {
        _count = state.IsEmpty ? 0 : BinaryPrimitives.ReadInt32LittleEndian(state.Span);
        store.Calls.Enqueue($"{(isMoved ? "moved" : "opened")} {_count}");
    }

    protected internal override void OnPacket(PacketReceived packet)
    {
        Send(packet.Peer, OnSave());
        if (++_count % every == 0)
            Checkpoint();
    }

    protected internal override ReadOnlyMemory<byte> OnSave()
    {
        var state = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(state, _count);
        return state;
    }
}
