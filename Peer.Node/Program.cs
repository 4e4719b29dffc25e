return Peer.Node.NodeProgram.Run(args, Console.Out, Console.Error);
