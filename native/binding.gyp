{
  "targets": [
    {
      "target_name": "nsx",
      "sources": [
        "addon.cc",
        "compat.cc",
        "describe.cc",
        "errors.cc",
        "facts.cc",
        "handle.cc",
        "list_pids.cc",
        "nsid.cc",
        "proc.cc",
        "read.cc",
        "scan.cc",
        "sockets.cc",
        "users.cc",
        "workers.cc",
      ],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "cflags": ["-Wall", "-Wextra", "-Wconversion", "-fvisibility=hidden"],
      # A system directory, so that warnings are about our own sources only.
      "cflags_cc": [
        "-std=c++17",
        "-fno-exceptions",
        "-fno-rtti",
        "-isystem<!(node -p \"path.dirname(require.resolve('node-addon-api'))\")",
      ],
      "ldflags": ["-Wl,-z,relro,-z,now"],
    },
    {
      # Static: it runs the same everywhere and starts in a fraction of the time.
      "target_name": "nsx-read",
      "type": "executable",
      "sources": ["nsx-read.c"],
      "defines": ["_GNU_SOURCE"],
      "cflags": ["-std=c17", "-Wall", "-Wextra", "-Wconversion"],
      "ldflags": ["-static", "-Wl,-z,relro,-z,now"],
    },
  ],
}
