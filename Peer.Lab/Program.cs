return Peer.Lab.LabProgram.Run(args, Console.Out, Console.Error);
