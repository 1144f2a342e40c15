/** A mount namespace that only a descriptor in the queue of a socket keeps; its inode becomes our comm. Of Python. */
export const IN_FLIGHT = `
import array, socket
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
child = os.fork()
if child == 0:
    call('unshare', 0x20000)
    os.kill(os.getpid(), 19)
os.waitpid(child, 2)
fd = os.open('/proc/%d/ns/mnt' % child, os.O_RDONLY)
inum = os.fstat(fd).st_ino
a.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [fd]))])
os.close(fd)
os.kill(child, 9)
os.waitpid(child, 0)
open('/proc/self/comm', 'w').write(str(inum))
`
