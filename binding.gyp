{
  "targets": [
    {
      "target_name": "ics_wsocket",
      "sources": [
        "native/addon/addon.cc",
        "native/addon/bindings.cc",
        "native/addon/glibcCompat.cc",
        "native/addon/hotPath.cc",
        "native/addon/instance.cc",
        "native/core/address.cc",
        "native/core/connectionTable.cc",
        "native/core/datagram.cc",
        "native/core/lineEditor.cc",
        "native/core/lineScanner.cc",
        "native/core/listener.cc",
        "native/core/loop.cc",
        "native/core/outgoing.cc",
        "native/core/lookup.cc",
        "native/core/receive.cc",
        "native/core/recvBuffer.cc",
        "native/core/resolver.cc",
        "native/core/send.cc",
        "native/core/sendQueue.cc",
        "native/core/sockopt.cc",
        "native/core/sys.cc",
        "native/core/thread.cc",
        "native/core/transfer.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")", "native"],
      "defines": ["NAPI_VERSION=8", "NAPI_CPP_EXCEPTIONS",
                  "NODE_ADDON_API_CPP_EXCEPTIONS_ALL", "NODE_ADDON_API_DISABLE_DEPRECATED",
                  "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++17", "-fvisibility=hidden", "-fvisibility-inlines-hidden"],
      "configurations": {
        "Release": {
          "defines": ["NDEBUG"],
          "cflags!": ["-O3"],
          "cflags": ["-O2"]
        }
      },
      "xcode_settings": {
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "GCC_ENABLE_CPP_RTTI": "YES",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
        "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
        "CLANG_CXX_LIBRARY": "libc++"
      },
      "msvs_settings": {
        "VCCLCompilerTool": {
          "ExceptionHandling": 1,
          "AdditionalOptions": ["/std:c++17", "/utf-8"]
        }
      },
      "conditions": [
        ["OS=='linux'", { "sources": ["native/core/pollerEpoll.cc"] }],
        ["OS=='win'", { "libraries": ["ws2_32.lib"] }]
      ]
    }
  ]
}
