# What an installation has: the programs, what they load, and what a desktop wants to know of them. Icons, presets, help
# and translations are inside the programs. Used by packaging/deb, and by hand: cmake --install build/release --prefix …
include(GNUInstallDirs)
set(installed concertina-engine concertina-worker concertinactl concertina-edge)
if(CONCERTINA_DESKTOP)
  list(APPEND installed concertina)
  install(FILES resources/desktop/org.concertina.Concertina.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
  install(FILES resources/desktop/org.concertina.Concertina.metainfo.xml
          DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
  install(FILES resources/icons/concertina.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps
          RENAME org.concertina.Concertina.svg)
  install(FILES resources/desktop/org.concertina.Concertina.mime.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages
          RENAME org.concertina.Concertina.xml)
endif()
install(TARGETS ${installed} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(program ${installed})
  install(FILES resources/man/${program}.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endforeach()
# The programs look for these beside the folder that they are in (core/proto/engine_launch.h, core/comm/carrier_modules.cc).
install(DIRECTORY ${CMAKE_BINARY_DIR}/plugins/ DESTINATION lib/concertina/plugins FILES_MATCHING PATTERN "*.so"
        PATTERN CMakeFiles EXCLUDE PATTERN transports EXCLUDE)
install(DIRECTORY ${CMAKE_BINARY_DIR}/transports/ DESTINATION lib/concertina/transports OPTIONAL
        FILES_MATCHING PATTERN "*.so")
install(FILES packaging/concertina-engine.service DESTINATION lib/systemd/user)
install(DIRECTORY resources/presets resources/recipes resources/papers DESTINATION ${CMAKE_INSTALL_DATADIR}/concertina)
install(FILES README.md LICENSE CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})
