@echo off
@rem SPDX-License-Identifier: Apache-2.0
@rem
@rem What mvnw does, for Windows; see there. Needs curl and tar, which Windows 10 and newer have.
setlocal EnableExtensions DisableDelayedExpansion

set "BASE=%~dp0"
set "PROPERTIES=%BASE%.mvn\wrapper\maven-wrapper.properties"

@rem ---- JDK 25 or newer: JAVA_HOME, else the java on PATH, else the lowest in the usual places
set "JDK="
set "JDK_MAJOR=999"
if defined JAVA_HOME call :consider "%JAVA_HOME%"
if defined JDK goto jdk_found
for /f "delims=" %%j in ('where java 2^>nul') do if not defined JDK call :consider "%%~dpj.."
if defined JDK goto jdk_found
for /d %%h in (
  "%ProgramFiles%\Eclipse Adoptium\*"
  "%ProgramFiles%\Java\*"
  "%ProgramFiles%\Microsoft\jdk*"
  "%ProgramFiles%\Zulu\*"
  "%ProgramFiles%\Amazon Corretto\*"
  "%USERPROFILE%\.jdks\*"
  "%USERPROFILE%\scoop\apps\*jdk*"
) do call :consider "%%~h"
if defined JDK goto jdk_found
echo mvnw: virq needs JDK 25 or newer and none was found: install one, for example Eclipse Temurin 25, or set JAVA_HOME to it.>&2
exit /b 1

:jdk_found
set "JAVA_HOME=%JDK%"
set "QUIET=--enable-native-access=ALL-UNNAMED"
if %JDK_MAJOR% leq 26 set "QUIET=%QUIET% --sun-misc-unsafe-memory-access=allow"
set "MAVEN_OPTS=%QUIET% %MAVEN_OPTS%"

@rem ---- Maven 3.8.7 or newer of the 3 line: the one on PATH, else the pinned release
cd /d "%BASE%"
set "MAVEN="
where mvn.cmd >nul 2>nul || goto pinned
for /f "tokens=3" %%v in ('mvn.cmd -v 2^>nul ^| findstr /b /c:"Apache Maven "') do (
  for /f "tokens=1-3 delims=.-" %%a in ("%%v") do (
    if %%a equ 3 if %%b gtr 8 set "MAVEN=mvn.cmd"
    if %%a equ 3 if %%b equ 8 if %%c geq 7 set "MAVEN=mvn.cmd"
  )
)
if defined MAVEN goto run

:pinned
for /f "usebackq tokens=1* delims==" %%k in ("%PROPERTIES%") do (
  if "%%k"=="distributionUrl" set "URL=%%l"
  if "%%k"=="distributionSha512Sum" set "SUM=%%l"
)
for %%u in ("%URL:/=\%") do set "ARCHIVE=%%~nxu"
set "NAME=%ARCHIVE:-bin.zip=%"
if defined MVNW_REPOURL set "URL=%MVNW_REPOURL%/org/apache/maven/apache-maven/%NAME:apache-maven-=%/%ARCHIVE%"
if not defined MAVEN_USER_HOME set "MAVEN_USER_HOME=%USERPROFILE%\.m2"
set "TARGET=%MAVEN_USER_HOME%\wrapper\dists\%NAME%\virq-%SUM:~0,16%"
set "MAVEN=%TARGET%\bin\mvn.cmd"
if exist "%MAVEN%" goto run

set "SCRATCH=%MAVEN_USER_HOME%\wrapper\dists\download.%RANDOM%%RANDOM%"
mkdir "%SCRATCH%" || exit /b 1
if not exist "%MAVEN_USER_HOME%\wrapper\dists\%NAME%" mkdir "%MAVEN_USER_HOME%\wrapper\dists\%NAME%"
echo mvnw: downloading %URL%>&2
curl -fsSL --retry 2 -o "%SCRATCH%\%ARCHIVE%" "%URL%"
if errorlevel 1 (
  echo mvnw: could not download %URL%; install Maven 3.8.7 or newer, or set MVNW_REPOURL to a Maven repository within reach>&2
  goto give_up
)
set "ACTUAL="
for /f "delims=" %%s in ('certutil -hashfile "%SCRATCH%\%ARCHIVE%" SHA512 ^| findstr /v ":"') do set "ACTUAL=%%s"
if /i not "%ACTUAL: =%"=="%SUM%" (
  echo mvnw: %URL% has SHA-512 %ACTUAL% instead of %SUM%; nothing was installed>&2
  goto give_up
)
tar -xf "%SCRATCH%\%ARCHIVE%" -C "%SCRATCH%" || goto give_up
if not exist "%MAVEN%" move "%SCRATCH%\%NAME%" "%TARGET%" >nul || goto give_up
rmdir /s /q "%SCRATCH%"

:run
call "%MAVEN%" %*
exit /b %ERRORLEVEL%

:give_up
rmdir /s /q "%SCRATCH%"
exit /b 1

@rem ---- consider HOME: takes it as JDK if it is one of 25 or newer, and older than the one taken so far
:consider
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
set "MAJOR=0"
for /f "tokens=2 delims==" %%v in ('findstr /b "JAVA_VERSION=" "%~1\release"') do (
  for /f "delims=.-+" %%m in ("%%~v") do set "MAJOR=%%m"
)
if %MAJOR% geq 25 if %MAJOR% lss %JDK_MAJOR% (
  set "JDK=%~f1"
  set "JDK_MAJOR=%MAJOR%"
)
exit /b 0
