// The menu, with what its keys do: everything else stands in the window.
import { Menu, app, type MenuItemConstructorOptions } from 'electron';

export function setMenu(): void {
  const isMac = process.platform === 'darwin';
  const parts: MenuItemConstructorOptions[] = [
    isMac ? { role: 'appMenu' } : { label: app.name, submenu: [{ role: 'about' }, { role: 'quit' }] },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        ...[{ role: 'reload' } as const, { type: 'separator' } as const],
        ...[{ role: 'resetZoom' } as const, { role: 'zoomIn' } as const, { role: 'zoomOut' } as const],
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(parts));
}
