; Installer for Windows, made by Inno Setup 6 from the folder that `python run.py build` makes:
;   iscc resources\installer\windows.iss
; For one user by default, so that nobody needs an administrator; what a person has made is in his own
; profile and is neither installed nor removed here. Signing: docs/RELEASING.md.

#define AppVersion "0.1.0"
#define Root "..\.."
#define Built Root + "\dist\trader-gui"

[Setup]
AppId={{6B0C3C55-7B57-4B52-9E0A-5A3B8A1D7F42}
AppName=Trader
AppVersion={#AppVersion}
AppPublisher=The trader-gui authors
VersionInfoVersion={#AppVersion}
DefaultDirName={autopf}\Trader
DefaultGroupName=Trader
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile={#Root}\LICENSE
SetupIconFile={#Root}\dist\work\icon.ico
UninstallDisplayIcon={app}\trader-gui.exe
OutputDir={#Root}\dist
OutputBaseFilename=trader-gui-{#AppVersion}-setup
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
CloseApplications=yes
RestartApplications=no

[Files]
Source: "{#Built}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[InstallDelete]
; What an older version had and this one has not must not be imported.
Type: filesandordirs; Name: "{app}\_internal"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[Icons]
Name: "{autoprograms}\Trader"; Filename: "{app}\trader-gui.exe"; AppUserModelID: "trader-gui"
Name: "{autodesktop}\Trader"; Filename: "{app}\trader-gui.exe"; AppUserModelID: "trader-gui"; Tasks: desktopicon

[Run]
Filename: "{app}\trader-gui.exe"; Description: "{cm:LaunchProgram,Trader}"; Flags: nowait postinstall skipifsilent
